"""OpenAI's API."""

from limner.dialects.openai.refusals import error_body
from limner.server.door import Door

DOOR = Door("openai", ("/v1", "/openai"), lambda status, code, message: error_body(message, status, code))
