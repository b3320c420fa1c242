"""Keras's fit on TensorFlow as a peer of the benchmark.

Usage: python3 keras_peer.py MODEL BATCH STEPS SAMPLES

The samples are in memory, images as floats. What is timed is the epoch alone, without what fit does before and after it.
"""
import os, sys, time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import keras, numpy as np, tensorflow as tf
from keras import layers
from serve import memory_mb, samples, serve

loaded = memory_mb()


def conv(filters, kernel):
    return layers.Conv2D(filters, kernel, padding="same")


def norm():
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)


def block(x, out, stride):
    def norm_of(kernel, step, value):
        return norm()(layers.Conv2D(out, kernel, strides=step, padding="same", use_bias=False)(value))

    y = norm_of(3, 1, layers.ReLU()(norm_of(3, stride, x)))
    shortcut = norm_of(1, stride, x) if stride > 1 else x
    return layers.ReLU()(layers.Add()([y, shortcut]))


def resnet():
    start = keras.Input((32, 32, 3))
    x = layers.ReLU()(norm()(layers.Conv2D(64, 3, padding="same", use_bias=False)(start)))
    for out, stride in [(64, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1)]:
        x = block(x, out, stride)
    return keras.Model(start, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))


def table(width):
    return [layers.Dense(width, activation="relu"), layers.Dense(width, activation="relu"), layers.Dense(2)]


MODELS = {
    "tutorial": lambda: [
        conv(32, 5), layers.MaxPooling2D(2),
        conv(32, 5), layers.MaxPooling2D(2),
        conv(64, 5), layers.MaxPooling2D(2),
        layers.Flatten(), layers.Dense(64), layers.Dense(10),
    ],
    "batch-norm": lambda: [
        conv(32, 3), norm(), layers.ReLU(), layers.MaxPooling2D(2),
        conv(64, 3), norm(), layers.ReLU(), layers.MaxPooling2D(2),
        layers.Flatten(), layers.Dense(10),
    ],
    "lstm": lambda: [
        layers.Embedding(19, 64), layers.LSTM(256, return_sequences=True), layers.LSTM(256), layers.Dense(19)
    ],
    "mlp": lambda: [
        layers.Flatten(),
        layers.Dense(512, activation="relu"), layers.Dense(512, activation="relu"), layers.Dense(10),
    ],
    "table-64": lambda: table(64),
    "table-256": lambda: table(256),
}
ADAM = ("lstm", "table-64", "table-256")

name, batch, steps, path = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
inputs, classes = samples(path, name, batch * steps)
if inputs.dtype == np.uint8:
    inputs = inputs.astype(np.float32) / 255
model = resnet() if name == "resnet" else keras.Sequential([keras.Input(inputs.shape[1:]), *MODELS[name]()])
inputs, classes = tf.constant(inputs), tf.constant(classes)
model.compile(
    optimizer=keras.optimizers.Adam(0.001) if name in ADAM else keras.optimizers.SGD(0.01),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
)


class Timer(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.ms = (time.perf_counter() - self.started) * 1000 / steps


def run():
    timer = Timer()
    model.fit(inputs, classes, batch_size=batch, epochs=1, verbose=0, callbacks=[timer])
    return timer.ms


serve({"keras": keras.__version__, "tensorflow": tf.__version__}, loaded, run)
