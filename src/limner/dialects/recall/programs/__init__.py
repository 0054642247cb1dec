"""One file a program that writes settings into pictures; they are found by themselves."""
