import type { Subject } from '../subject.js';
import { browserSnippet } from './browser.js';
import { nodeSnippet } from './node.js';
import { onnxSnippet, tensorflowSnippet, torchSnippet } from './python.js';
import type { CardSubject, Snippet } from './subject.js';

/**
 * The code that uses an export.
 *
 * @param card what it is about
 * @param subject the model, for PyTorch, which needs it written out
 * @returns one for each language that there is
 */
export function snippetsOf(card: CardSubject, subject: Subject): Snippet[] {
  switch (card.record.format) {
    case 'onnx':
      return [onnxSnippet(card), nodeSnippet(card)].filter((snippet) => snippet !== null);
    case 'savedmodel':
      return [tensorflowSnippet(card)];
    case 'safetensors':
      return [torchSnippet(card, subject)];
    case 'tfjs':
      return [browserSnippet(card)];
  }
}
