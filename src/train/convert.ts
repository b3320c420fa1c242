import { printable } from '../base/printable.js';

/** Files of weights that are known by how they begin, and are none of safetensors. */
const FOREIGN = [
  {
    begins: Buffer.from('PK\x03\x04', 'latin1'),
    what: 'a zip archive, as torch.save writes them (.pt, .pth)',
  },
  { begins: Buffer.from([0x80, 0x02]), what: 'a pickle, as torch.save wrote them (.pt, .pth)' },
  { begins: Buffer.from([0x80, 0x03]), what: 'a pickle of Python' },
  { begins: Buffer.from([0x80, 0x04]), what: 'a pickle of Python' },
  { begins: Buffer.from([0x80, 0x05]), what: 'a pickle of Python' },
];

/**
 * @param bytes of a file
 * @returns what it is, when it is one of PyTorch's or of Python's; null for all else
 */
export function foreignWeights(bytes: Buffer): string | null {
  // A safetensors file begins with a length, whose bytes can be any; behind its 8 bytes stands JSON.
  if ('{ \t\r\n'.includes(String.fromCharCode(bytes[8] ?? 0))) return null;
  return FOREIGN.find(({ begins }) => bytes.subarray(0, begins.length).equals(begins))?.what ?? null;
}

/**
 * A line of shell that has Python write a file's tensors as float32 in the safetensors format.
 *
 * @param file path of a safetensors file or of one that torch.save wrote
 * @param from what wrote it
 */
export function conversionLine(file: string, from: 'torch' | 'safetensors'): string {
  const [imported, read, ending] =
    from === 'torch'
      ? ['sys, torch', 'torch.load(sys.argv[1], map_location="cpu", weights_only=True)', '']
      : ['sys', 'load_file(sys.argv[1])', '-float32'];
  const target = `${file.replace(/\.[A-Za-z]+$/, '')}${ending}.safetensors`;
  const functions = from === 'torch' ? 'save_file' : 'load_file, save_file';
  const code = [
    `import ${imported}`,
    `from safetensors.torch import ${functions}`,
    `save_file({k: v.float().contiguous() for k, v in ${read}.items()}, sys.argv[2])`,
  ].join('; ');
  return `python3 -c '${code}' ${quoted(file)} ${quoted(target)}`;
}

/** A path as a shell takes it. */
function quoted(path: string): string {
  const text = printable(path);
  return /^[\w./+:@%-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
