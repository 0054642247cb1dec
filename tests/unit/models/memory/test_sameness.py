"""One file under several names is in memory once."""

import shutil

import pytest
import torch

from limner.graph.errors import StorageError
from limner.models.library import ModelLibrary
from limner.models.load.model_file import ModelFile
from limner.models.memory.sameness import contents_of
from limner.storage.folders import Folders


@pytest.fixture
def names(tiny_path, tmp_path):
    """A file, a link to it, another name of it, and a copy."""
    folder = tmp_path / "models" / "vae"
    folder.mkdir(parents=True)
    first = folder / "first.safetensors"
    shutil.copy(tiny_path, first)
    (folder / "linked.safetensors").symlink_to(first)
    (folder / "other.safetensors").hardlink_to(first)
    shutil.copy(tiny_path, folder / "copy.safetensors")
    return folder


def loaded(library, *files):
    """How many autoencoders are in memory after all of these were used."""
    for file in files:
        with library.autoencoder(file).network.lease():
            pass
    return len(library.status()["entries"])


def library_of(names, **options):
    return ModelLibrary(Folders.under(names.parents[1]), **options)


@pytest.mark.parametrize("second", ["first", "linked", "other"])
def test_one_file_under_two_names(names, second):
    assert loaded(library_of(names), "first.safetensors", f"{second}.safetensors") == 1


def test_a_copy_counts_as_another_file_until_digests_are_known(names):
    assert loaded(library_of(names), "first.safetensors", "copy.safetensors") == 2
    library = library_of(names, digest_of=lambda path: "d1")
    assert loaded(library, "first.safetensors", "copy.safetensors") == 1


def test_a_checkpoint_opened_twice(tiny_path, names):
    library = library_of(names)
    for _ in range(2):
        found = library.open_checkpoint(tiny_path)
        with found.model.network.lease(), found.clip.branches[0].network.lease(), found.vae.network.lease():
            pass
    assert len(library.status()["entries"]) == 3


def test_a_file_that_was_replaced_is_another(names):
    library = library_of(names)
    assert loaded(library, "first.safetensors") == 1
    fresh = names / "fresh.safetensors"
    shutil.copy(names / "copy.safetensors", fresh)
    fresh.replace(names / "first.safetensors")
    assert loaded(library, "first.safetensors") == 2


def test_records_that_cannot_be_read_are_no_trouble(names):
    def broken(path):
        raise StorageError("busy")

    file = ModelFile.open(names / "first.safetensors")
    assert contents_of(file, broken) == contents_of(file)


def test_types_and_storages_are_kept_apart(names):
    library = library_of(names)
    file = library.open("vae", "first.safetensors")
    plain = library.autoencoder_in(file).network
    other = library.network("vae", file, plain.blueprint, torch.bfloat16)
    packed = library.network("vae", file, plain.blueprint, storage="fp8_e4m3fn")
    assert len({plain.key, other.key, packed.key}) == 3


def test_tensors_in_memory_have_an_identity_of_their_own():
    tensors = {"a": torch.ones(1)}
    assert contents_of(ModelFile.of(tensors)) != contents_of(ModelFile.of(tensors))
