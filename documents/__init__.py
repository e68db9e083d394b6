"""How a printed thing looks: templates as data, and copies (spec in, PDF out). Alone imports reportlab and qrcode."""
