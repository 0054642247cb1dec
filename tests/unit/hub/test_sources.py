"""What names and addresses mean, asked of fake hubs on a server of our own."""

import hashlib
import io

import pytest
from aiohttp import web
from tests.unit.hub.conftest import pulling
from tests.unit.hub.models import safetensors

from limner.hub.refusal import PullError
from limner.hub.resolving import all_sources
from limner.hub.source import Accounts, RemoteFile
from limner.hub.sources import civitai, huggingface

MODEL = safetensors(1, size=200_000)
VAE = safetensors(2, size=100_000, names=("decoder.conv_in.weight", "encoder.conv_in.weight"))


def sha(data):
    return hashlib.sha256(data).hexdigest()


class Hub:
    """A repository on a fake hub: what its API says, and its files."""

    def __init__(self, remote, name="org/thing", gated=False, token="", licence="apache-2.0"):
        self.remote, self.name, self.gated, self.token = remote, name, gated, token
        self.siblings, self.licence = [], licence
        for path in (f"/api/models/{name}", f"/api/models/{name}/revision/v2"):
            remote.answers[path] = self.describe

    def add(self, path, data, *, lfs=True):
        entry = {"rfilename": path, "size": len(data), "blobId": "0" * 40}
        if lfs:
            entry["lfs"] = {"sha256": sha(data), "size": len(data), "pointerSize": 130}
        self.siblings.append(entry)
        return self.remote.put(f"/{self.name}/resolve/{'c' * 40}/{path}", data, etag=f'"{sha(data)}"', token=self.token)

    def describe(self, request):
        return web.json_response(
            {
                "id": self.name, "modelId": self.name, "sha": "c" * 40, "private": False, "gated": self.gated,
                "siblings": self.siblings, "tags": [], "downloads": 0, "likes": 0,
                "cardData": {"license": self.licence},
            }
        )  # fmt: skip


@pytest.mark.parametrize(
    ("reference", "source"),
    [
        ("sdxl", "catalogue"),
        ("SDXL", "catalogue"),
        ("org/name", "huggingface"),
        ("hf://org/name/a/b.safetensors@v1", "huggingface"),
        ("https://huggingface.co/org/name/resolve/main/a.safetensors?download=true", "huggingface"),
        ("civitai:12@34", "civitai"),
        ("urn:air:sdxl:checkpoint:civitai:101055@128078", "civitai"),
        ("https://civitai.com/models/12/some-name?modelVersionId=34", "civitai"),
        ("s3://bucket/a/b.safetensors", "s3"),
        ("https://example.org/a.safetensors", "plain"),
        ("https://huggingface.co/datasets/org/name", "plain"),
        ("what is this", None),
        ("../etc/passwd", None),
        ("file:///etc/passwd", None),
    ],
)
def test_which_source_understands(reference, source):
    found = next((one.name for one in all_sources() if one.understands(reference)), None)
    assert found == source


def test_what_nobody_understands_is_told_with_what_is_near(pull):
    for reference in ("sdx", "http://[", "http://[::1/a.safetensors"):
        with pytest.raises(PullError) as caught:
            pull(reference)
        assert caught.value.code == "unknown"
    with pytest.raises(PullError, match="Nearest in the catalogue: sdxl"):
        pull("sdx")


def test_places_of_the_hub():
    place = huggingface.Place
    assert huggingface.read_place("org/name@v1") == place("org/name", "v1")
    assert huggingface.read_place("hf://org/name/a/b.gguf@v1") == place("org/name", "v1", "a/b.gguf")
    assert huggingface.read_place("https://hf.co/org/name/blob/v1/a%20b.gguf") == place("org/name", "v1", "a b.gguf")
    assert huggingface.read_place("https://huggingface.co/org/name/tree/main/sub") == place("org/name", "main", "sub")


def test_places_of_civitai():
    place = civitai.Place
    assert civitai.read_place("civitai:12") == place("12")
    assert civitai.read_place("https://civitai.com/models/12/x?modelVersionId=34") == place("12", "34")
    address = "https://civitai.com/api/download/models/34?type=Model&fp=fp16"
    assert civitai.read_place(address) == place("", "34", "type=Model&fp=fp16")


def test_a_file_of_a_repository(pull, remote, folders):
    Hub(remote).add("split_files/vae/ae.safetensors", VAE)
    [done] = pull("org/thing/split_files/vae/ae.safetensors")
    assert (done.kind, done.sha256) == ("vae", sha(VAE))
    assert folders.find("vae", "ae.safetensors").read_bytes() == VAE
    record = pull.puller.holdings.records.of(folders.find("vae", "ae.safetensors"))
    assert record.origin.source == f"hf://org/thing/split_files/vae/ae.safetensors@{'c' * 40}"
    assert record.origin.licence == "apache-2.0"


def test_the_digest_that_the_hub_states_is_checked(pull, remote, folders):
    served = Hub(remote).add("a.safetensors", MODEL)
    served.data = safetensors(9, size=200_000)
    with pytest.raises(PullError, match="expected " + sha(MODEL)) as caught:
        pull("org/thing", into="loras")
    assert caught.value.code == "wrong_hash"
    assert folders.list("loras") == []
    assert (folders.place("loras") / "a.safetensors.rejected").is_file()


def test_a_digest_that_is_here_is_not_fetched(pull, remote, folders):
    Hub(remote).add("a.safetensors", MODEL)
    (folders.place("checkpoints") / "mine.safetensors").write_bytes(MODEL)
    [done] = pull("org/thing", into="loras")
    assert (done.how, remote.bytes_sent) == ("linked", 0)
    assert folders.find("loras", "a.safetensors").read_bytes() == MODEL


def test_a_pipeline_comes_whole_and_without_what_nobody_reads(pull, remote, folders):
    hub = Hub(remote)
    hub.add("model_index.json", b'{"unet": []}', lfs=False)
    for path in ("unet/diffusion_pytorch_model.safetensors", "unet/diffusion_pytorch_model.fp16.safetensors"):
        hub.add(path, MODEL)
    hub.add("unet/config.json", b"{}", lfs=False)
    hub.add("unet/diffusion_pytorch_model.bin", b"PK\x03\x04")
    hub.add("text_encoder/model-00001-of-00002.safetensors", VAE)
    hub.add("text_encoder/model-00002-of-00002.safetensors", safetensors(3))
    hub.add("text_encoder/model.safetensors.index.json", b"{}", lfs=False)
    hub.add("text_encoder/model.safetensors.index.fp16.json", b"{}", lfs=False)
    hub.add("safety_checker/model.safetensors", MODEL)
    hub.add("thing.safetensors", MODEL)
    hub.add("README.md", b"# hello", lfs=False)
    pull("org/thing")
    root = folders.place("diffusers") / "thing"
    assert sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()) == [
        "model_index.json",
        "text_encoder/model-00001-of-00002.safetensors",
        "text_encoder/model-00002-of-00002.safetensors",
        "text_encoder/model.safetensors.index.json",
        "unet/config.json",
        "unet/diffusion_pytorch_model.safetensors",
    ]


def test_several_models_in_a_repository_are_listed(pull, remote):
    hub = Hub(remote)
    hub.add("a.safetensors", MODEL)
    hub.add("b.safetensors", VAE)
    with pytest.raises(PullError, match=r"--include:\n  a.safetensors  \(200 kB\)\n  b.safetensors") as caught:
        pull("org/thing")
    assert caught.value.code == "choose"
    [done] = pull("org/thing", include=("b.*",))
    assert done.kind == "vae"
    with pytest.raises(PullError, match="nothing like c"):
        pull("org/thing", include=("c*",))


def test_a_component_gets_the_name_of_its_repository(pull, remote, folders):
    hub = Hub(remote)
    hub.add("config.json", b"{}", lfs=False)
    hub.add("diffusion_pytorch_model.safetensors", VAE)
    pull("org/thing")
    assert folders.list("vae") == ["thing/diffusion_pytorch_model.safetensors"]


def test_a_gated_repository_says_where_to_go(pull, remote, folders):
    Hub(remote, gated="auto", token="right").add("a.safetensors", MODEL)
    with pytest.raises(PullError, match=r"https://huggingface.co/org/thing .*HF_TOKEN") as caught:
        pull("org/thing", into="loras")
    assert caught.value.code == "gated"
    wrong = pulling(folders, Accounts(huggingface="wrong", huggingface_endpoint=remote.url))
    with pytest.raises(PullError, match="accept the licence"):
        wrong("org/thing", into="loras")
    right = pulling(folders, Accounts(huggingface="right", huggingface_endpoint=remote.url))
    assert right("org/thing", into="loras")[0].how == "downloaded"


def test_a_token_stays_with_its_hub(pull, remote, folders):
    served = Hub(remote).add("a.safetensors", MODEL)
    elsewhere = remote.url.replace("127.0.0.1", "localhost")
    path = next(path for path, one in remote.files.items() if one is served)
    remote.redirects[path] = f"{elsewhere}/cdn/a.safetensors?signature=1"
    remote.put("/cdn/a.safetensors", MODEL)
    pulling(folders, Accounts(huggingface="secret", huggingface_endpoint=remote.url))("org/thing", into="loras")
    assert all("Authorization" in asked.headers for asked in remote.requests(path))
    assert not any("Authorization" in asked.headers for asked in remote.requests("/cdn/a.safetensors"))


def test_missing_repositories_revisions_and_files(pull, remote):
    Hub(remote).add("a.safetensors", MODEL)
    for reference in ("org/none", "org/thing/none.safetensors"):
        with pytest.raises(PullError) as caught:
            pull(reference, into="loras")
        assert caught.value.code == "gone"
    assert pull("org/thing/a.safetensors@v2", into="loras")[0].how == "downloaded"


def test_a_hub_that_cannot_be_reached(folders):
    away = pulling(folders, Accounts(huggingface_endpoint="http://127.0.0.1:9"))
    with pytest.raises(PullError, match="cannot be reached") as caught:
        away("org/thing")
    assert caught.value.code == "unreachable"


def test_restricted_licences_are_told(pull, remote):
    Hub(remote, licence="cc-by-nc-4.0").add("a.safetensors", MODEL)
    assert "cc-by-nc-4.0" in pull.plan("org/thing", into="loras").cautions[0]


def version(remote, **more):
    files = [
        {
            "id": 1, "name": "other.ckpt", "type": "Model", "sizeKB": 1, "metadata": {"format": "PickleTensor"},
            "hashes": {}, "downloadUrl": f"{remote.url}/api/download/models/34?format=PickleTensor",
        },
        {
            "id": 2, "name": "nice.safetensors", "type": "Model", "sizeKB": len(MODEL) / 1024, "primary": True,
            "metadata": {"format": "SafeTensor", "fp": "fp16"}, "hashes": {"SHA256": sha(MODEL).upper()},
            "downloadUrl": f"{remote.url}/api/download/models/34",
        },
    ]  # fmt: skip
    return {"id": 34, "modelId": 12, "name": "v2", "model": {"name": "Nice", "type": "LORA"}, "files": files, **more}


def test_civitai_by_model_version_and_digest(pull, remote, folders):
    remote.say("/api/v1/models/12", {"id": 12, "modelVersions": [{"id": 34}, {"id": 33}]})
    remote.say("/api/v1/model-versions/34", version(remote))
    remote.say(f"/api/v1/model-versions/by-hash/{sha(MODEL)}", version(remote))
    remote.put("/api/download/models/34", MODEL, token="key")
    with pytest.raises(PullError, match="CIVITAI_TOKEN"):
        pull("civitai:12")
    own = pulling(folders, Accounts(civitai="key", civitai_endpoint=remote.url))
    [done] = own("civitai:12")
    assert (done.kind, done.path.rpartition("/")[2]) == ("loras", "nice.safetensors")
    assert own("https://civitai.com/models/12/nice?modelVersionId=34")[0].how == "present"
    assert own.puller.offer_of_digest(sha(MODEL)).reference == "civitai:12@34"
    picked = own.plan("https://civitai.com/api/download/models/34?format=PickleTensor", into="loras")
    assert picked.items[0].target.name == "other.ckpt"


def test_objects_of_s3(pull, remote, folders, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    remote.put("/bucket/loras/a.safetensors", MODEL, etag='"1"', headers={"x-amz-meta-sha256": sha(MODEL)})
    [done] = pull("s3://bucket/loras/a.safetensors", into="loras")
    assert done.sha256 == sha(MODEL)
    signed = remote.requests("/bucket/loras/a.safetensors")[-1].query
    assert "X-Amz-Signature" in signed
    assert "Signature" not in pull.puller.holdings.records.of(folders.find("loras", "a.safetensors")).origin.url
    with pytest.raises(PullError) as caught:
        pull("s3://bucket/none.safetensors", into="loras")
    assert caught.value.code == "gone"


def test_a_folder_of_a_public_bucket(pull, remote, folders):
    listing = io.StringIO()
    listing.write('<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">')
    listing.write(f"<Contents><Key>m/vae/a.safetensors</Key><Size>{len(VAE)}</Size></Contents></ListBucketResult>")
    remote.answers["/bucket"] = lambda _: web.Response(text=listing.getvalue(), content_type="application/xml")
    remote.put("/bucket/m/vae/a.safetensors", VAE)
    assert pull("s3://bucket/m/")[0].kind == "vae"


def test_s3_without_its_package_says_what_to_install(pull, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "boto3.session", None)
    with pytest.raises(Exception, match="pip install"):
        pull("s3://bucket/a.safetensors")


def test_names_of_the_catalogue_come_from_the_hub(pull, remote, folders):
    Hub(remote, "madebyollin/sdxl-vae-fp16-fix").add("sdxl_vae.safetensors", VAE)
    [done] = pull("sdxl-vae-fp16-fix")
    assert folders.find("vae", "sdxl_vae.safetensors").read_bytes() == VAE
    assert done.how == "downloaded"


def test_secrets_are_not_written_down():
    signed = "https://user:pw@host/a?X-Amz-Signature=s&X-Amz-Date=d&token=t&type=Model"
    assert RemoteFile(url=signed, name="a").address == "https://host/a?type=Model"
