/**
 * The protocol buffers that TensorFlow's distributed runtime is told its cluster with. tfjs-node brings none of them, and
 * there are two: a field is its number and kind, then a varint, or a length and the bytes.
 *
 * @source https://protobuf.dev/programming-guides/encoding
 */

type Bytes = readonly number[];

function varint(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  do {
    bytes.push((left & 127) | (left > 127 ? 128 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return bytes;
}

const integer = (field: number, value: number): number[] => [...varint(field * 8), ...varint(value)];
const bytes = (field: number, value: Bytes): number[] => [
  ...varint(field * 8 + 2),
  ...varint(value.length),
  ...value,
];
const text = (field: number, value: string): number[] => bytes(field, [...Buffer.from(value)]);

const JOB = 'worker';
const LEADER = `/job:${JOB}/replica:0/task:0`;

/** What a rank's TensorFlow is started with. */
export interface ServerMessages {
  /** A ServerDef. */
  readonly server: Uint8Array;
  /** A ConfigProto. */
  readonly config: Uint8Array;
}

/**
 * @param addresses `host:port` of every rank
 * @param rank of this process
 * @returns the messages: rank 0 leads the group, each rank sees its own device alone, with one thread for each operation and
 * two operations side by side
 * @source tensorflow/core/protobuf/{tensorflow_server,config}.proto
 */
export function serverMessages(addresses: readonly string[], rank: number): ServerMessages {
  const config = [
    ...integer(2, 1), // intra_op_parallelism_threads
    ...text(4, `/job:${JOB}/task:${rank}`), // device_filters
    ...integer(5, 2), // inter_op_parallelism_threads
    ...integer(7, 1), // allow_soft_placement
    ...bytes(16, text(1, LEADER)), // experimental.collective_group_leader
  ];
  const tasks = addresses.flatMap((address, i) => bytes(2, [...integer(1, i), ...text(2, address)]));
  const server = [
    ...bytes(1, bytes(1, [...text(1, JOB), ...tasks])), // cluster
    ...text(2, JOB), // job_name
    ...integer(3, rank), // task_index
    ...bytes(4, config), // default_session_config
    ...text(5, 'grpc'), // protocol
  ];
  return { server: Uint8Array.from(server), config: Uint8Array.from(config) };
}
