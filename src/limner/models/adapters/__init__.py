"""One kind of adapter a file: recognise, attach, detach."""
