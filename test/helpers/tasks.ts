import { createTask, type Task } from '../../src/train/task/index.js';

/** To tell so many classes apart. */
export const classes = (count: number): Task =>
  createTask({ kind: 'class', names: Array.from({ length: count }, (_, i) => `${i}`) });
