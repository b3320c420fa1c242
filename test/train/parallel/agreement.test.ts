import { expect, it } from 'vitest';
import { agree, type Statement } from '../../../src/train/parallel/agreement.js';
import { LoneGroup } from '../../../src/train/parallel/group.js';
import { memoryGroup } from '../../helpers/memory-group.js';

const said = (...statements: Statement[]) =>
  Promise.all(
    memoryGroup(statements.length).map((group, rank) =>
      agree(group, statements[rank]!).then(
        () => null,
        (error: Error) => error.message,
      ),
    ),
  );
const facts = (own: Record<string, string>): Statement => ({ facts: own, refusal: null });

it('ranks that say the same agree', async () => {
  expect(await said(facts({ a: '1' }), facts({ a: '1' }), facts({ a: '1' }))).toEqual([null, null, null]);
});

it('all ranks are told what differs, on which rank, and what one lacks', async () => {
  const found = await said(
    facts({ 'version of lossnet': '0.1.0', lr: '0.1' }),
    facts({ 'version of lossnet': '0.1.0', lr: '0.1', größe: 'ß' }),
    facts({ 'version of lossnet': '0.2.0', lr: '0.1' }),
  );
  const text = `The ranks would not train the same:
  version of lossnet: 0.1.0 on rank 0, 0.2.0 on rank 2
  größe: not set on rank 0, ß on rank 1`;
  expect(found).toEqual([text, text, text]);
});

it('all ranks are told who cannot take part, and why', async () => {
  const text = 'Not all ranks can take part:\n  rank 1: no data';
  expect(await said(facts({}), { facts: {}, refusal: 'no data' })).toEqual([text, text]);
});

it('one process alone adds its parts up in their order', async () => {
  const parts = Float32Array.of(1e8, 1, 3, 2, -1e8, 3);
  expect([...(await new LoneGroup().addParts(parts, 2))]).toEqual([
    Math.fround(Math.fround(1e8 + 3) - 1e8),
    6,
  ]);
});
