"""Networks that are compiled before they run."""

from typing import Annotated

from limner.graph.declare import Choice, node
from limner.models.patches.compiled import CUDAGRAPHS, INDUCTOR, Compiled, check_compiler
from limner.models.patches.patch import with_patch
from limner.nodes.sockets import MODEL


@node(name="TorchCompileModel", title="TorchCompileModel", category="_for_testing")
def torch_compile_model(*, model: MODEL, backend: Annotated[str, Choice(INDUCTOR, CUDAGRAPHS)]) -> MODEL:
    """Compiles the network when it first runs at a size: that takes a minute or more, and pays off over many pictures.

    ``inductor`` needs a C++ compiler, on graphics processors Triton; ``cudagraphs`` needs CUDA. UNets that are patched
    or steered by a control network, and networks too large to be on their device as a whole, run as they are.
    """
    check_compiler(backend, model.device)
    return with_patch(model, Compiled(backend))
