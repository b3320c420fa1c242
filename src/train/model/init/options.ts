import type { ConstantOptions, OnesOptions, ZerosOptions } from './constant.js';
import type { DiracOptions, EyeOptions } from './identity.js';
import type { KaimingOptions } from './kaiming.js';
import type { NormalOptions } from './normal.js';
import type { OrthogonalOptions } from './orthogonal.js';
import type { SparseOptions } from './sparse.js';
import type { TruncNormalOptions } from './trunc-normal.js';
import type { UniformOptions } from './uniform.js';
import type { XavierOptions } from './xavier.js';

/** Any initialiser, by the name that torch.nn.init gives it. */
export type InitializerOptions =
  | UniformOptions
  | NormalOptions
  | TruncNormalOptions
  | ConstantOptions
  | ZerosOptions
  | OnesOptions
  | XavierOptions
  | KaimingOptions
  | OrthogonalOptions
  | SparseOptions
  | EyeOptions
  | DiracOptions;
