// What TensorFlow's C interface has for ops and kernels of one's own, and a few words for it. The headers kernels.h and ops.h are not
// among those that lossnet unpacks: they want a good part of TensorFlow's C++.
//
// https://github.com/tensorflow/tensorflow/blob/master/tensorflow/c/kernels.h, ops.h
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>
#include "tensorflow/c/c_api.h"

extern "C" {
struct TF_KernelBuilder;
struct TF_OpKernelConstruction;
struct TF_OpKernelContext;
struct TF_OpDefinitionBuilder;
struct TF_ShapeHandle;
struct TF_ShapeInferenceContext;

TF_KernelBuilder *TF_NewKernelBuilder(const char *op, const char *device, void *(*create)(TF_OpKernelConstruction *),
                                      void (*compute)(void *, TF_OpKernelContext *), void (*remove)(void *));
void TF_RegisterKernelBuilder(const char *name, TF_KernelBuilder *builder, TF_Status *status);
void TF_OpKernelConstruction_Failure(TF_OpKernelConstruction *construction, TF_Status *status);
void TF_OpKernelConstruction_GetAttrFloat(TF_OpKernelConstruction *construction, const char *name, float *value,
                                          TF_Status *status);
void TF_OpKernelConstruction_GetAttrBool(TF_OpKernelConstruction *construction, const char *name, unsigned char *value,
                                         TF_Status *status);
int TF_NumInputs(TF_OpKernelContext *context);
int TF_NumOutputs(TF_OpKernelContext *context);
void TF_GetInput(TF_OpKernelContext *context, int index, TF_Tensor **tensor, TF_Status *status);
TF_Tensor *TF_AllocateOutput(TF_OpKernelContext *context, int index, TF_DataType type, const int64_t *sizes, int dimensions,
                             size_t bytes, TF_Status *status);
TF_Tensor *TF_ForwardInputOrAllocateOutput(TF_OpKernelContext *context, const int *inputs, int count, int output,
                                           const int64_t *sizes, int dimensions, int *forwarded, TF_Status *status);
void TF_OpKernelContext_Failure(TF_OpKernelContext *context, TF_Status *status);

TF_OpDefinitionBuilder *TF_NewOpDefinitionBuilder(const char *op);
void TF_OpDefinitionBuilderAddAttr(TF_OpDefinitionBuilder *builder, const char *text);
void TF_OpDefinitionBuilderAddInput(TF_OpDefinitionBuilder *builder, const char *text);
void TF_OpDefinitionBuilderAddOutput(TF_OpDefinitionBuilder *builder, const char *text);
void TF_OpDefinitionBuilderSetShapeInferenceFunction(TF_OpDefinitionBuilder *builder,
                                                     void (*infer)(TF_ShapeInferenceContext *, TF_Status *));
void TF_RegisterOpDefinition(TF_OpDefinitionBuilder *builder, TF_Status *status);
int64_t TF_ShapeInferenceContextNumInputs(TF_ShapeInferenceContext *context);
TF_ShapeHandle *TF_NewShapeHandle();
void TF_ShapeInferenceContextGetInput(TF_ShapeInferenceContext *context, int index, TF_ShapeHandle *shape, TF_Status *status);
void TF_ShapeInferenceContextSetOutput(TF_ShapeInferenceContext *context, int index, TF_ShapeHandle *shape, TF_Status *status);
void TF_ShapeInferenceContextSubshape(TF_ShapeInferenceContext *context, TF_ShapeHandle *shape, int64_t start, int64_t end,
                                      TF_ShapeHandle *result, TF_Status *status);
void TF_ShapeInferenceContextConcatenateShapes(TF_ShapeInferenceContext *context, TF_ShapeHandle *first, TF_ShapeHandle *second,
                                               TF_ShapeHandle *result, TF_Status *status);
void TF_ShapeInferenceContextSetUnknownShape(TF_ShapeInferenceContext *context, TF_Status *status);
void TF_DeleteShapeHandle(TF_ShapeHandle *shape);
}

namespace lossnet {

// One computation of a kernel: what it is given, and what it gives. What fails first is what TensorFlow is told; nothing is done after.
class Call {
 public:
  explicit Call(TF_OpKernelContext *context) : context_(context), status_(TF_NewStatus()) {}
  Call(const Call &) = delete;

  ~Call() {
    for (TF_Tensor *tensor : tensors_) TF_DeleteTensor(tensor);
    if (!Ok()) TF_OpKernelContext_Failure(context_, status_);
    TF_DeleteStatus(status_);
  }

  bool Ok() const { return TF_GetCode(status_) == TF_OK; }

  std::vector<int64_t> Shape(int index) {
    std::vector<int64_t> shape;
    TF_Tensor *tensor = nullptr;
    if (Ok()) TF_GetInput(context_, index, &tensor, status_);
    if (tensor == nullptr) return shape;
    for (int i = 0; i < TF_NumDims(tensor); i++) shape.push_back(TF_Dim(tensor, i));
    TF_DeleteTensor(tensor);
    return shape;
  }

  // The values of an input, which has to be of this shape.
  const float *Input(int index, const std::vector<int64_t> &wanted) {
    std::vector<int64_t> shape = Shape(index);
    if (!Ok()) return nullptr;
    if (!Need(shape == wanted, "input " + std::to_string(index) + " is " + Text(shape) + " and has to be " + Text(wanted)))
      return nullptr;
    TF_Tensor *tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status_);
    return Kept(tensor);
  }

  float *Output(int index, const std::vector<int64_t> &shape) {
    if (!Ok()) return nullptr;
    return Kept(TF_AllocateOutput(context_, index, TF_FLOAT, shape.data(), static_cast<int>(shape.size()),
                                  Count(shape) * sizeof(float), status_));
  }

  // In the memory of an input of the same shape that nobody else wants, where it is one. To be asked for before that input.
  float *OutputOver(int input, int index, const std::vector<int64_t> &shape) {
    if (!Ok()) return nullptr;
    int forwarded;
    return Kept(TF_ForwardInputOrAllocateOutput(context_, &input, 1, index, shape.data(), static_cast<int>(shape.size()),
                                                &forwarded, status_));
  }

  // Fails where something is not as it has to be.
  bool Need(bool isSo, const std::string &otherwise) {
    if (!isSo) TF_SetStatus(status_, TF_INVALID_ARGUMENT, otherwise.c_str());
    return isSo;
  }

  static size_t Count(const std::vector<int64_t> &shape) {
    size_t count = 1;
    for (int64_t length : shape) count *= static_cast<size_t>(length);
    return count;
  }

 private:
  float *Kept(TF_Tensor *tensor) {
    if (tensor == nullptr) return nullptr;
    tensors_.push_back(tensor);
    return static_cast<float *>(TF_TensorData(tensor));
  }

  static std::string Text(const std::vector<int64_t> &shape) {
    std::string text;
    for (int64_t length : shape) text += (text.empty() ? "" : ", ") + std::to_string(length);
    return "[" + text + "]";
  }

  TF_OpKernelContext *context_;
  TF_Status *status_;
  std::vector<TF_Tensor *> tensors_;
};

// An op, as TensorFlow is told of it: its inputs, outputs and attributes in TensorFlow's words.
struct Op {
  const char *name;
  std::initializer_list<const char *> inputs, outputs, attributes;
  void (*infer)(TF_ShapeInferenceContext *, TF_Status *);
  void *(*create)(TF_OpKernelConstruction *);
  void (*compute)(void *, TF_OpKernelContext *);
  void (*remove)(void *);
};

// Lets TensorFlow know an op. Where that fails, whoever wants it is told that there is none.
inline bool Register(const Op &op) {
  TF_OpDefinitionBuilder *definition = TF_NewOpDefinitionBuilder(op.name);
  for (const char *input : op.inputs) TF_OpDefinitionBuilderAddInput(definition, input);
  for (const char *output : op.outputs) TF_OpDefinitionBuilderAddOutput(definition, output);
  for (const char *attribute : op.attributes) TF_OpDefinitionBuilderAddAttr(definition, attribute);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(definition, op.infer);
  TF_Status *status = TF_NewStatus();
  TF_RegisterOpDefinition(definition, status);
  if (TF_GetCode(status) == TF_OK) {
    TF_KernelBuilder *kernel = TF_NewKernelBuilder(op.name, "CPU", op.create, op.compute, op.remove);
    TF_RegisterKernelBuilder(op.name, kernel, status);
  }
  bool isOk = TF_GetCode(status) == TF_OK;
  TF_DeleteStatus(status);
  return isOk;
}

// An output that has the shape of an input.
inline void SameShape(TF_ShapeInferenceContext *context, int output, int input, TF_Status *status) {
  TF_ShapeHandle *shape = TF_NewShapeHandle();
  TF_ShapeInferenceContextGetInput(context, input, shape, status);
  if (TF_GetCode(status) == TF_OK) TF_ShapeInferenceContextSetOutput(context, output, shape, status);
  TF_DeleteShapeHandle(shape);
}

// Some lengths of an input's shape: those from `start` on, before `end`.
struct Lengths {
  int input;
  int64_t start, end;
};

// An output whose shape is put together from those of two inputs.
inline void JoinedShape(TF_ShapeInferenceContext *context, int output, Lengths first, Lengths second, TF_Status *status) {
  TF_ShapeHandle *parts[2], *shape = TF_NewShapeHandle();
  const Lengths lengths[2] = {first, second};
  for (int i = 0; i < 2; i++) {
    parts[i] = TF_NewShapeHandle();
    TF_ShapeInferenceContextGetInput(context, lengths[i].input, parts[i], status);
    if (TF_GetCode(status) != TF_OK) continue;
    TF_ShapeInferenceContextSubshape(context, parts[i], lengths[i].start, lengths[i].end, parts[i], status);
  }
  if (TF_GetCode(status) == TF_OK) TF_ShapeInferenceContextConcatenateShapes(context, parts[0], parts[1], shape, status);
  if (TF_GetCode(status) == TF_OK) TF_ShapeInferenceContextSetOutput(context, output, shape, status);
  for (TF_ShapeHandle *part : parts) TF_DeleteShapeHandle(part);
  TF_DeleteShapeHandle(shape);
}

}  // namespace lossnet
