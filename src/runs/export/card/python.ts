import { MODEL_FILES } from '../formats.js';
import type { Subject } from '../subject.js';
import { pythonInputs } from './python-inputs.js';
import type { CardSubject, Snippet } from './subject.js';
import { torchCode } from './torch.js';

/** With ONNX's runtime. */
export function onnxSnippet(card: CardSubject): Snippet {
  const { input, output } = card.record;
  return python(
    card,
    'onnxruntime',
    ['import onnxruntime'],
    [
      `session = onnxruntime.InferenceSession("${MODEL_FILES.onnx}")`,
      `outputs = session.run(["${output.name}"], {"${input.name}": inputs})[0]`,
    ],
  );
}

/** With TensorFlow. */
export function tensorflowSnippet(card: CardSubject): Snippet {
  const { input, output } = card.record;
  return python(
    card,
    'tensorflow',
    ['import tensorflow as tf'],
    [
      'model = tf.saved_model.load(".")  # kept: what it holds goes with it',
      'call = model.signatures["serving_default"]',
      `outputs = call(${input.name}=tf.constant(inputs))["${output.name}"].numpy()`,
    ],
  );
}

/** With PyTorch: the model is written out, since the file has its weights alone. */
export function torchSnippet(card: CardSubject, subject: Subject): Snippet {
  const { preprocessing, plan } = card;
  const imports = ['import torch', 'from safetensors.torch import load_file', 'from torch import nn'];
  const { input, target } = preprocessing.spec;
  const { scale, normalize } = plan.config.transforms;
  const channels = (values: readonly number[]) => `torch.tensor([${values.join(', ')}]).view(1, -1, 1, 1)`;
  const pixels = [
    'x = x.permute(0, 3, 1, 2)',
    ...(scale ? ['x = x / 255'] : []),
    ...(normalize ? [`x = (x - ${channels(normalize.mean)}) / ${channels(normalize.std)}`] : []),
  ];
  return python(card, 'torch safetensors', imports, [
    torchCode(subject),
    '',
    `model.load_state_dict(load_file("${MODEL_FILES.safetensors}"))`,
    'model.eval()',
    'x = torch.from_numpy(inputs)',
    ...(input.kind === 'image' ? pixels : []),
    'with torch.no_grad():',
    '    outputs = model(x).numpy()',
    ...(target.kind === 'value' && target.mean && target.std
      ? ['outputs = outputs * preprocessing["target"]["std"] + preprocessing["target"]["mean"]']
      : []),
  ]);
}

function python(
  card: CardSubject,
  packages: string,
  imports: readonly string[],
  call: readonly string[],
): Snippet {
  const isImage = card.preprocessing.spec.input.kind === 'image';
  const isTable = card.preprocessing.inputs !== null;
  const lines = [
    'import json',
    '',
    'import numpy as np',
    ...imports,
    ...(isImage ? ['from PIL import Image, ImageOps'] : []),
    ...(isTable ? ['', 'from rows import Rows'] : []),
    '',
    'preprocessing = json.load(open("preprocessing.json", encoding="utf-8"))',
    ...pythonInputs(card),
    '',
    ...call,
    isTable
      ? 'print(rows.answer(outputs[0]))'
      : card.record.output.name === 'logits'
        ? `print(preprocessing["target"]["names"][outputs[0${card.record.output.shape.length > 2 ? ', -1' : ''}].argmax()])`
        : 'print(dict(zip(preprocessing["target"]["names"], outputs[0])))',
  ];
  const needs = `the packages of \`pip install numpy ${packages}${isImage ? ' pillow' : ''}\`:`;
  return { language: 'python', code: lines.join('\n'), needs };
}
