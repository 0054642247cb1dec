"""Remote services as one more place where pictures come from: another Limner or ComfyUI, A1111's servers, image APIs.

How a service is spoken to is a file in ``kinds``; which one is asked, and what is done when it fails, is decided here.
"""
