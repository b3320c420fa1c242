import { type Output, typeAttribute } from './graph-def.js';
import type { NodeDef } from './protobuf.js';
import type { Tracer } from './tracer.js';

/** Lets a node stand for another's output, under its own name. */
export function become(node: NodeDef, output: Output): void {
  node.setOp('Identity');
  node.setInputList([output]);
  node.getAttrMap().clear();
  node.getAttrMap().set('T', typeAttribute('float32'));
}

/** The nodes of a graph, by what they make and by what they use. */
export class Nodes {
  readonly #all: readonly NodeDef[];
  readonly #byName: ReadonlyMap<string, NodeDef>;
  readonly #users = new Map<Output, NodeDef[]>();

  constructor(private readonly tracer: Tracer) {
    this.#all = tracer.graph.def.getNodeList();
    this.#byName = new Map(this.#all.map((node) => [node.getName(), node]));
    for (const node of this.#all) {
      for (const input of node.getInputList()) {
        const users = this.#users.get(input);
        if (users) users.push(node);
        else this.#users.set(input, [node]);
      }
    }
  }

  of(op: string): NodeDef[] {
    return this.#all.filter((node) => node.getOp() === op);
  }

  /** The node whose first output this is. */
  maker(output: Output): NodeDef | undefined {
    return this.#byName.get(output);
  }

  users(output: Output): readonly NodeDef[] {
    return this.#users.get(output) ?? [];
  }

  /** The node that uses an output, if it is the only one. */
  onlyUser(output: Output): NodeDef | undefined {
    const users = this.users(output);
    return users.length === 1 ? users[0] : undefined;
  }

  /** Whether both have the same shape. */
  areAlike(a: Output, b: Output): boolean {
    const [one, other] = [this.tracer.shapeOf(a), this.tracer.shapeOf(b)];
    return one !== null && other !== null && one.join() === other.join();
  }

  /** An output, and what others make of it that is the same in the same shape. */
  passedOn(output: Output): Output[] {
    const same = this.users(output).filter(
      (user) => user.getOp() === 'Reshape' && this.areAlike(user.getName(), output),
    );
    return [output, ...same.flatMap((user) => this.passedOn(user.getName()))];
  }
}
