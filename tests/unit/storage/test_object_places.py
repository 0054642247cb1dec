"""Places of objects as people write them, names of objects, files of stores, signatures of COS."""

import json
from pathlib import Path

import pytest

from limner.graph.errors import SettingsError, UnknownNameError
from limner.storage.azure_signature import signed_address as azure_address
from limner.storage.cos_signature import signed_address
from limner.storage.object_digest import PART, content_of
from limner.storage.object_names import check_template, distinct, object_name
from limner.storage.object_place import LONGEST_EXPIRY, read_place
from limner.storage.object_stores import read_address, read_stores

JOB = {"owner": "me", "job": "j1", "dialect": "comfy", "ended": 1_700_000_000_000}
FILE = {"filename": "a b.png", "subfolder": "x/y", "type": "output"}


def test_an_address_has_a_bucket_a_prefix_and_options():
    place = read_place("s3://pictures/made/here/?region=eu-central-1&expires=60&timeout=2.5&name={job}/{filename}")
    assert (place.scheme, place.bucket, place.prefix) == ("s3", "pictures", "made/here")
    assert place.options == {"region": "eu-central-1"}
    assert (place.expires, place.timeout, place.name, place.sign) == (60, 2.5, "{job}/{filename}", True)
    assert place.key("a.png") == "made/here/a.png"
    assert read_place("s3://pictures").key("a.png") == "a.png"
    assert read_place("s3://pictures").expires == LONGEST_EXPIRY


def test_a_place_knows_the_host_that_objects_are_brought_to():
    assert read_place("s3://b?endpoint=https://example.org/").endpoint == "https://example.org"
    assert read_place("s3://b?endpoint=https://example.org/&style=host").endpoint == "https://b.example.org"
    assert read_place("s3://b?region=us-east-1").endpoint == ""


def test_a_public_address_is_not_signed_unless_somebody_says_so():
    assert not read_place("s3://b?public_url=https://cdn.example.org/").sign
    assert read_place("s3://b?public_url=https://cdn.example.org/").public_url == "https://cdn.example.org"
    assert read_place("cos://b?public_url=https://cdn.example.org&sign=yes").sign


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("pictures/made", "expected scheme://bucket"),
        ("s3://key:secret@bucket/x", "keys in the environment"),
        ("s3://b?expires=0", "expires must be"),
        ("s3://b?expires=900000", "expires must be"),
        ("s3://b?timeout=soon", "timeout must be"),
        ("s3://b?sign=perhaps", "yes or no"),
        ("s3://b?public_url=cdn.example.org", "public_url must begin"),
        ("s3://b?name={job}", "needs {filename}"),
        ("s3://b?name={filename:>9}", "without formats"),
        ("s3://b?name={filename", "no template"),
        ("s3://b?region", "no place for objects"),
        ("s3://[b", "no place for objects"),
        ("s3:///prefix", "needs a bucket"),
        ("s3://b?public_url=https://cdn.example.org&sign=yes", "do not hold for a public_url"),
        ("file://host/folder", "three slashes"),
        ("cos://b-1250000000", "needs ?region"),
        ("az://container", "needs ?account"),
        ("gs://b/made+here", "do not open below"),
        ("cos://b?region=%40127.0.0.1:80/x%23", "is no region"),
        ("s3://b?region=@127.0.0.1/", "is no region"),
        ("s3://127.0.0.1:80%2Fx?style=host&endpoint=https://example.org", "is no bucket"),
        ("s3://b?endpoint=minio:9000", "endpoint must begin"),
        ("az://b?account=127.0.0.1/x%23", "is no account"),
    ],
)
def test_addresses_that_cannot_be_used_are_explained(address, reason, monkeypatch):
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(SettingsError) as told:
        read_address(address).open()
    assert reason in str(told.value)
    assert "secret" not in str(told.value).replace("keys in", "")


@pytest.mark.parametrize(
    ("address", "name"),
    [("s3://b?regoin=x", "region"), ("s4://b", "s3"), ("s3://b?name={file}", "filename")],
)
def test_unknown_names_come_with_near_ones(address, name):
    with pytest.raises(UnknownNameError) as told:
        read_address(address)
    assert name in str(told.value)


def test_names_are_filled_from_the_file_and_its_job():
    assert object_name("{owner}/{date}/{job}/{filename}", FILE, **JOB) == "me/2023-11-14/j1/a b.png"
    assert (
        object_name("{dialect}/{type}/{subfolder}/{stem}-{job}{suffix}", FILE, **JOB) == "comfy/output/x/y/a b-j1.png"
    )


def test_names_hold_nothing_that_leads_elsewhere():
    strange = {"filename": "../..\\%2e?#\n.png", "subfolder": "../up", "type": "output"}
    job = JOB | {"job": "..", "owner": "a/b"}
    assert object_name("{owner}/{job}/{subfolder}/{filename}", strange, **job) == "a_b/up/..__2e___.png"


def test_names_are_never_too_long_for_a_key():
    long = {"filename": "图" * 200 + ".png", "subfolder": "/".join(["深" * 80] * 60), "type": "output"}
    job = JOB | {"job": "j" * 200, "owner": "o" * 300}
    name = object_name("{owner}/{date}/{job}/{subfolder}/{filename}", long, **job)
    assert len(name.encode()) < 900
    assert name.endswith("图.png")


def test_files_of_one_name_get_numbers():
    taken = {"j/a.png", "j/a-2.png"}
    assert distinct("j/a.png", taken) == "j/a-3.png"
    assert distinct("j/b.png", taken) == "j/b.png"


def test_templates_may_have_every_field():
    check_template("{owner}{date}{job}{dialect}{subfolder}{type}{stem}{suffix}")


def test_contents_are_called_as_s3_calls_them(tmp_path):
    """The digests of Amazon's own example form: MD5 of the whole, and of parts with their number."""
    path = tmp_path / "a"
    path.write_bytes(b"a" * (PART + 1))
    content = content_of(path)
    assert content.size == PART + 1
    assert sorted(len(etag) for etag in content.etags) == [32, 34]
    assert any(etag.endswith("-2") for etag in content.etags)
    path.write_bytes(b"abc")
    assert "900150983cd24fb0d6963f7d28e17f72" in content_of(path).etags
    assert content_of(path).sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


COS = {
    "secret_id": "AKIDQjz3ltompVjBni5LitkWHFlFpwkn9U5q",
    "secret_key": "BQYIM75p8x0iWVFSIgqEKwFprpRSVHlz",
    "begins": 1_700_000_000,
    "ends": 1_700_000_660,
}
"""Keys that Tencent's documentation uses as an example."""


@pytest.mark.parametrize(
    ("token", "signature"),
    [
        ("", "bed835bb7330a8930a7dffd2dfe37b7bf0fe18f9"),
        ("tok/en+1=", "80e91a83f7da489bb3ebc7a0b17ba2402c20a746"),
    ],
)
def test_addresses_of_cos_are_signed_as_tencents_own_sdk_signs_them(token, signature):
    """Recorded from cos-python-sdk-v5 1.9.44: ``get_presigned_url`` with SignHost=False, the token as a parameter."""
    query = {"x-cos-security-token": token} if token else {}
    base = "https://pics-1250000000.cos.ap-nanjing.myqcloud.com"
    address = signed_address(base, "out/ü (1)/a b.png", **COS, query=query)
    assert address.startswith(f"{base}/out/%C3%BC%20%281%29/a%20b.png?q-sign-algorithm=sha1&q-ak={COS['secret_id']}&")
    assert f"&q-signature={signature}" in address
    assert ("x-cos-security-token=tok%2Fen%2B1%3D" in address) is bool(token)


def test_cos_signs_for_its_custom_domain(monkeypatch):
    monkeypatch.setenv("COS_SECRET_ID", "id")
    monkeypatch.setenv("COS_SECRET_KEY", "key")
    url = "cos://pics-125/made?region=ap-nanjing"
    assert (
        read_address(url)
        .open()
        .address("made/a.png")
        .startswith("https://pics-125.cos.ap-nanjing.myqcloud.com/made/a.png?q-sign-algorithm=sha1&q-ak=id&")
    )
    own = read_address(f"{url}&public_url=https://cdn.example.org&sign=yes").open().address("made/a.png")
    assert own.startswith("https://cdn.example.org/made/a.png?q-sign-algorithm=sha1&")
    plain = read_address(f"{url}&sign=no").open().address("made/a b.png")
    assert plain == "https://pics-125.cos.ap-nanjing.myqcloud.com/made/a%20b.png"


def test_cos_without_keys_says_where_they_belong(monkeypatch):
    for name in ("COS_SECRET_ID", "COS_SECRET_KEY", "TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SettingsError, match="COS_SECRET_ID"):
        read_address("cos://pics-125?region=ap-nanjing").open()


def test_s3_has_addresses_by_path_and_by_host():
    keys = {"access_key_id": "id", "secret_access_key": "key"}
    by_path = read_address("s3://b/p?endpoint=https://s3.example.org", keys).open().address("p/a.png")
    assert by_path.startswith("https://s3.example.org/b/p/a.png?X-Amz-Algorithm=AWS4-HMAC-SHA256&")
    by_host = read_address("s3://b/p?endpoint=https://s3.example.org&style=host", keys).open().address("p/a.png")
    assert by_host.startswith("https://b.s3.example.org/p/a.png?X-Amz-Algorithm=AWS4-HMAC-SHA256&")
    amazon = read_address("s3://b/p?region=eu-central-1&sign=no", keys).open().address("p/a b.png")
    assert amazon == "https://b.s3.eu-central-1.amazonaws.com/p/a%20b.png"


def test_s3_signs_as_amazons_own_library_does(monkeypatch):
    """No server of these tests checks signatures; botocore makes the same one."""
    from datetime import UTC, datetime
    from urllib.parse import parse_qs, urlsplit

    from botocore import auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    keys = {"access_key_id": "id", "secret_access_key": "a/secret+key", "session_token": "a token"}
    url = "s3://b/p?region=eu-central-1&endpoint=https://s3.example.org&expires=60"
    address = read_address(url, keys).open().address("p/ü (1)+a.png")
    signed = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    moment = datetime.strptime(signed["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    monkeypatch.setattr(auth, "get_current_datetime", lambda remove_tzinfo=True: moment.replace(tzinfo=None))
    request = AWSRequest("GET", address.partition("?")[0])
    credentials = Credentials("id", "a/secret+key", "a token")
    auth.S3SigV4QueryAuth(credentials, "s3", "eu-central-1", expires=60).add_auth(request)
    theirs = {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}
    assert signed == theirs


def test_addresses_of_azure_are_signed_as_microsofts_own_library_signs_them():
    """Recorded from azure-storage-blob 12.31.1: ``generate_blob_sas`` with the key of Microsoft's emulator."""
    from urllib.parse import parse_qs, urlsplit

    address = azure_address(
        "https://me.blob.core.windows.net/pics",
        "made/ü (1)/a b.png",
        account="me",
        container="pics",
        account_key="Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
        begins=1_700_000_000,
        ends=1_700_000_600,
    )
    assert urlsplit(address).path == "/pics/made/%C3%BC%20%281%29/a%20b.png"
    assert {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()} == {
        "sp": "r",
        "st": "2023-11-14T22:13:20Z",
        "se": "2023-11-14T22:23:20Z",
        "sv": "2022-11-02",
        "sr": "b",
        "sig": "F0Su1332O1tMNS/HQlYdhOElqyocAwAxVwIjEc72Uqw=",
    }


def test_a_key_of_azure_that_is_none_is_explained():
    store = read_address("az://pictures?account=me", {"account_key": "a2V5a2V5"}).open()
    assert "sig=" in store.address("a.png")
    with pytest.raises(SettingsError, match="base64"):
        azure_address("https://x", "a", account="me", container="c", account_key="no base64", begins=0, ends=1)


def test_azure_signs_with_the_accounts_key():
    keys = {"account_key": "a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5"}
    address = read_address("az://pictures/p?account=me&expires=60", keys).open().address("p/a.png")
    assert address.startswith("https://me.blob.core.windows.net/pictures/p/a.png?")
    assert "sig=" in address
    plain = read_address("az://pictures/p?account=me&sign=no", keys).open().address("p/a.png")
    assert plain == "https://me.blob.core.windows.net/pictures/p/a.png"


def test_google_signs_with_a_service_accounts_key():
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    private = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    account = {
        "type": "service_account",
        "private_key": private.decode(),
        "private_key_id": "1",
        "client_email": "me@example.org",
    }
    keys = {"service_account_key": json.dumps(account)}
    address = read_address("gs://pictures/p?expires=60", keys).open().address("p/a.png")
    assert address.startswith("https://storage.googleapis.com/pictures/p/a.png?X-Goog-Algorithm=GOOG4-RSA-SHA256&")
    plain = read_address("gs://pictures/p?sign=no", keys).open().address("p/a.png")
    assert plain == "https://storage.googleapis.com/pictures/p/a.png"


def test_a_folder_has_addresses_of_its_own():
    store = read_address("file:///srv/pictures").open()
    assert store.address("srv/pictures/a b.png") == "file:///srv/pictures/a%20b.png"
    served = read_address("file:///srv/pictures?public_url=https://example.org/p").open()
    assert served.address("srv/pictures/a b.png") == "https://example.org/p/a%20b.png"


@pytest.fixture
def stores(tmp_path):
    def write(text: str) -> Path:
        file = tmp_path / "stores.yaml"
        file.write_text(text)
        return file

    return write


def test_a_file_names_stores_and_their_keys(stores, monkeypatch):
    monkeypatch.setenv("CDN_SECRET", "from the environment")
    text = "cdn:\n  url: s3://b/p?region=r\n  access_key_id: id\n  secret_access_key: $CDN_SECRET\n"
    known = read_stores("cdn", stores(text))
    assert known.address("cdn").keys == {"access_key_id": "id", "secret_access_key": "from the environment"}
    assert known.address("") is known.address("cdn")
    assert "from the environment" not in repr(known.address("cdn"))
    assert known.get("cdn") is known.get("cdn")
    with pytest.raises(UnknownNameError, match="cdn"):
        known.address("cnd")


def test_without_a_default_store_the_advice_is_to_set_one():
    with pytest.raises(UnknownNameError, match="--store ADDRESS"):
        read_stores("", None).address("")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("cdn: s3://b", "must name stores"),
        ("- cdn", "must name stores"),
        ("cdn:\n  bucket: b", "needs url"),
        ("cdn:\n  url: s3://b\n  access_key: x", "access_key_id"),
        ("cdn:\n  url: s3://b\n  access_key_id: $LIMNER_NO_SUCH", "LIMNER_NO_SUCH, which is not set"),
        ("cdn: [", "cannot be read"),
    ],
)
def test_files_of_stores_that_cannot_be_read_are_explained(stores, text, reason):
    with pytest.raises((SettingsError, UnknownNameError)) as told:
        read_stores("", stores(text))
    assert reason in str(told.value)


def test_a_default_that_nobody_named_is_explained(stores):
    with pytest.raises(UnknownNameError, match="scheme://bucket"):
        read_stores("cnd", stores("cdn:\n  url: s3://b"))
