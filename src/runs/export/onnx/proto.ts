/**
 * What of protocol buffers ONNX's messages are made of. Its few messages take less than the packages that bring them all:
 * onnx-proto is of 2022, and needs a protobufjs that is no longer maintained.
 *
 * @source https://protobuf.dev/programming-guides/encoding/
 */

/** A message: its fields, one after the other. */
export const message = (...fields: readonly Uint8Array[]): Buffer => Buffer.concat(fields);

/** A field that holds a whole number; a negative one as 64 bits. */
export const int = (field: number, value: number): Buffer =>
  Buffer.concat([varint(field << 3), varint(value)]);

/** A field that holds bytes, or another message. */
export const bytes = (field: number, value: Uint8Array): Buffer =>
  Buffer.concat([varint((field << 3) | 2), varint(value.length), value]);

export const text = (field: number, value: string): Buffer => bytes(field, Buffer.from(value));

export function float(field: number, value: number): Buffer {
  const number = Buffer.alloc(4);
  number.writeFloatLE(value);
  return Buffer.concat([varint((field << 3) | 5), number]);
}

function varint(value: number): Buffer {
  const result: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) result.push(Number(rest & 127n) | 128);
  return Buffer.from([...result, Number(rest)]);
}
