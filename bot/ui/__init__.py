"""What a member sees: values in, embeds and controls out."""
