"""Prompts are counted as CLIP reads them, or not at all."""

from limner.app.token_count import ClipTokens


def test_weights_are_no_tokens_and_embeddings_cannot_be_counted():
    count = ClipTokens()
    assert count("") == 0
    assert count("a cat") == count("a (cat:1.3)") == 2
    assert count("a cat, embedding:mood") is None


async def test_a_server_without_a_counter_says_so(start):
    serving = await start(up=False)
    answer = await serving.client.post("/limner/prompts/tokens", json={"text": "a cat"})
    assert await answer.json() == {"tokens": None}
    for body in ({}, {"text": 3}, {"text": "x" * 30_000}, []):
        assert (await serving.client.post("/limner/prompts/tokens", json=body)).status == 400
