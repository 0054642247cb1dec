"""Network inputs of conditionings."""

from comfy_host.conditions import CONDConstant, CONDCrossAttn, CONDList, CONDNoiseShape, CONDRegular
from comfy_host.missing import absent

__getattr__ = absent(__name__)
