import { describe, expect, it } from 'vitest';
import { nearest } from '../../../src/config/validate/spelling.js';

const TYPES = ['conv2d', 'max_pool2d', 'flatten', 'linear', 'relu', 'dropout'];
const KEYS = ['type', 'lr', 'momentum', 'batch_size', 'weight_decay', 'out_channels', 'p'];

describe('nearest', () => {
  it.each([
    ['a letter too many', 'convv2d', TYPES, 'conv2d'],
    ['letters swapped', 'realu', TYPES, 'relu'],
    ['two neighbours swapped', 'rleu', TYPES, 'relu'],
    ['the name in PyTorch', 'MaxPool2d', TYPES, 'max_pool2d'],
    ['camelCase', 'batchSize', KEYS, 'batch_size'],
    ['dashes', 'weight-decay', KEYS, 'weight_decay'],
    ['a part of the name', 'decay', KEYS, 'weight_decay'],
    ['a part, mistyped', 'bacth', KEYS, 'batch_size'],
    ['another library’s word', 'learning_rate', KEYS, 'lr'],
    ['another library’s word for a key that is not there', 'learning_rate', TYPES, undefined],
    ['something else', 'transformer', TYPES, undefined],
    ['a short word that shares no letter', 'q', ['p', 'lr'], undefined],
    ['a property of every object', 'constructor', KEYS, undefined],
    ['nothing', '', KEYS, undefined],
    ['garbage', 'x'.repeat(1_000), KEYS, undefined],
  ])('%s: %s', (_, word, candidates, expected) => {
    expect(nearest(word, candidates)).toBe(expected);
  });
});
