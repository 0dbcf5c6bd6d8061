"""Layer 7: the one place where adapters are chosen. Settings come in, a working engine goes out; nothing
above asks which store, channel or renderer is in use, and nothing below reads a setting.
"""
