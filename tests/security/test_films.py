"""T2: a film shows what is in it, and nothing of other files: playlists and their like are none."""

import importlib.util
from pathlib import Path

import pytest

from limner.graph.errors import StorageError
from limner.server.gallery.reading import read_file

if importlib.util.find_spec("av") is None:
    pytest.skip("PyAV, which reads films, is not installed.", allow_module_level=True)

FORMS = {
    "a.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{film}\n#EXT-X-ENDLIST\n",
    "b.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile:{film}\n#EXT-X-ENDLIST\n",
    "a.mp4": "ffconcat version 1.0\nfile {name}\n",
    "a.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n",
    "a.mov": "[Reference]\nRef1=http://127.0.0.1:9/a\n",
}


def film(path: Path) -> None:
    import av

    with av.open(str(path), "w", format="mpegts") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        container.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(stream.encode())


async def test_what_refers_to_other_files_is_no_film(serving):
    from limner.media.videos import opened

    folder = serving.folders.input
    own = folder / "own.ts"
    film(own)
    for name, text in FORMS.items():
        (folder / name).write_text(text.format(film=own, name=own.name))
    for name in [own.name, *FORMS]:
        query = {"filename": name, "type": "input"}
        answer = await serving.client.get("/limner/thumbnail", params=query)
        assert answer.status == (200 if name == own.name else 404), name
        assert (read_file(folder / name, "video").width > 0) is (name == own.name)
        if name == own.name:
            opened(folder / name).close()
            continue
        with pytest.raises(StorageError, match="cannot be read as a video"):
            opened(folder / name)
