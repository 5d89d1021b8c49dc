"""The framework's own loops, as an expert in it would write them; one module a framework.

Each defines digits_loop(weights, x, y, batch, epochs), gradients(arrays, x, y, compiled) and
wait(tensors).
"""
