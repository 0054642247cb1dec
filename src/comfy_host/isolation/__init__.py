"""Node packs in processes of their own: a step's values go there and come back, and a crash there is one failed step.

What crosses is in ``messages`` and ``values``. The worker's side is ``pack_process``, ``isolated_pack``,
``isolated_class`` and ``taking``; that of the pack's process is ``answering``.
"""
