import { z } from 'zod';
import { optional, positive, positiveInt } from './fields.js';

/** 1 to 65535, as a regular expression. */
export const PORT = '([1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])';

const ADDRESS_FORM = 'a host such as node1 or node1:7171, or [::1]:7171';

const address = z
  .string()
  .regex(new RegExp(`^(\\[[0-9a-fA-F:.]+\\]|[^\\s:[\\]]+)(:${PORT})?$`), ADDRESS_FORM)
  .meta({ title: ADDRESS_FORM });

/** More processes than any cluster has for one model; a greater number is a slip. */
export const MOST_RANKS = 1024;

/** `{}` switches it on: who takes part is what the process was started with. */
export const parallelSchema = z
  .strictObject({
    parts: optional(positiveInt.max(4096)).describe(
      'Into how many parts each batch is cut, whose sums are added up in one order: the same bytes on any number of ranks that divides it. null: one for each rank, added up in the fastest order.',
    ),
    hosts: optional(z.array(address).min(1).max(MOST_RANKS)).describe(
      'An address for each rank, in order, where what starts the processes tells none: torchrun, mpirun, Kubernetes.',
    ),
    join_timeout: positive.max(86_400).default(300).describe('Seconds to wait until all ranks are there.'),
    timeout: positive
      .max(86_400)
      .default(60)
      .describe('Seconds to wait for the other ranks at each step, after which the run ends.'),
    trusted_network: z
      .boolean()
      .default(false)
      .describe(
        'true: let every address connect. Whoever reaches the port may do what the process may: for networks of your own.',
      ),
  })
  .describe('Several processes that train one model; null: one process. {}: on, with all defaults.');
