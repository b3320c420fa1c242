import { z } from 'zod';
import { arrays } from './arrays.js';
import { csv } from './csv.js';
import { imageFolder } from './image-folder.js';
import { cifar10, cifar100, fashionMnist, mnist, shapes } from './official.js';
import { custom, text } from './others.js';

export const datasetSchema = z
  .discriminatedUnion('type', [
    cifar10,
    cifar100,
    mnist,
    fashionMnist,
    shapes,
    csv,
    arrays,
    imageFolder,
    text,
    custom,
  ])
  .describe('What to train and evaluate on.');
