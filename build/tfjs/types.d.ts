/**
 * What the published library's types say of tfjs: names alone, in the place of train/backend/native/load.d.ts. No function of the
 * library takes or gives a tensor, and tfjs's own types, which npm does not install with it, ask for a browser's.
 */
export type TensorFlow = object;
export interface Tensor {
  readonly shape: readonly number[];
  readonly dtype: string;
}
export type Scalar = Tensor;
export type Tensor1D = Tensor;
export type Tensor2D = Tensor;
export type Tensor3D = Tensor;
export type Tensor4D = Tensor;
export type Variable = Tensor;
export type NamedTensorMap = Readonly<Record<string, Tensor>>;
export type TensorLike = unknown;
export type Logs = 'errors' | 'fatal';
export declare function loadConverter(): object;
