"""What one family or several do with text encoders, a file each: which ones, how they are read, how they are joined."""
