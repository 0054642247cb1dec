"""Files with networks that step into another one: one file each, found by discovery."""
