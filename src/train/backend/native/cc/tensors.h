// What is fed, and what is given: from JavaScript's memory to TensorFlow's and back.
#pragma once

#include <cstring>
#include "javascript.h"
#include "plan.h"

namespace lossnet {

struct Array {
  napi_typedarray_type kind = napi_uint8_array;
  size_t length = 0;
  void *data = nullptr;

  bool Read(napi_env env, napi_value value) {
    return napi_get_typedarray_info(env, value, &kind, &length, &data, nullptr, nullptr) == napi_ok;
  }

  TF_DataType Type() const {
    return kind == napi_float32_array ? TF_FLOAT : kind == napi_int32_array ? TF_INT32 : TF_UINT8;
  }
};

// How many rows ahead memory is asked for: rows lie anywhere, and each takes a tenth of a microsecond to come.
const size_t kAhead = 8;

inline void CopyRows(char *to, const char *from, size_t bytes, const uint32_t *records, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (i + kAhead < count) {
      const char *next = from + records[i + kAhead] * bytes;
      for (size_t k = 0; k < bytes && k < 512; k += 64) __builtin_prefetch(next + k);
    }
    memcpy(to + i * bytes, from + records[i] * bytes, bytes);
  }
}

// Copies what is fed into memory that is TensorFlow's alone.
inline bool Take(napi_env env, Plan *plan, napi_value feeds) {
  plan->Clear();
  uint32_t at = 0;
  for (Feed &feed : plan->feeds) {
    Array values, records;
    if (!values.Read(env, At(env, feeds, at++))) {
      Throw(env, "What is fed for " + feed.name + " is no array.");
      return false;
    }
    bool has_rows = records.Read(env, At(env, feeds, at++)) && records.kind == napi_uint32_array;
    size_t count = records.length, numbers = feed.each;
    if (feed.is_open) {
      feed.sizes[0] = has_rows ? count : values.length / (feed.each ? feed.each : 1);
      numbers *= feed.sizes[0];
    }
    size_t each = has_rows && count > 0 ? numbers / count : 0;
    if (values.Type() != feed.type || numbers != (has_rows ? each * count : values.length)) {
      Throw(env, "What is fed for " + feed.name + " is of another size or type.");
      return false;
    }
    const uint32_t *row = static_cast<const uint32_t *>(records.data);
    for (size_t k = 0; has_rows && k < count; k++) {
      if ((row[k] + size_t{1}) * each <= values.length) continue;
      Throw(env, "What is fed for " + feed.name + " has no row " + std::to_string(row[k]) + ".");
      return false;
    }
    size_t size = TF_DataTypeSize(feed.type);
    char *to = static_cast<char *>(feed.Room(has_rows));
    if (!to && numbers > 0) {
      Throw(env, "There is no memory for what is fed for " + feed.name + ": " + std::to_string(numbers * size) + " bytes.");
      return false;
    }
    const char *from = static_cast<const char *>(values.data);
    if (has_rows) CopyRows(to, from, each * size, row, count);
    else if (numbers > 0) memcpy(to, from, numbers * size);
  }
  return true;
}

// Copies the only thing that is given to where JavaScript wants it: an array of its own takes longer than all else between two runs.
inline bool GiveInto(napi_env env, const std::vector<TF_Tensor *> &given, const Array &into) {
  size_t bytes = into.length * sizeof(float);
  if (given.size() != 1 || TF_TensorType(given[0]) != TF_FLOAT || TF_TensorByteSize(given[0]) != bytes) return false;
  memcpy(into.data, TF_TensorData(given[0]), bytes);
  return true;
}

inline napi_value Give(napi_env env, TF_Tensor *tensor) {
  TF_DataType type = TF_TensorType(tensor);
  size_t bytes = TF_TensorByteSize(tensor);
  napi_typedarray_type kind =
      type == TF_FLOAT ? napi_float32_array : type == TF_INT32 ? napi_int32_array : napi_uint8_array;
  void *data = nullptr;
  napi_value buffer, values, shape, result;
  napi_create_arraybuffer(env, bytes, &data, &buffer);
  if (bytes > 0) memcpy(data, TF_TensorData(tensor), bytes);
  napi_create_typedarray(env, kind, bytes / TF_DataTypeSize(type), buffer, 0, &values);
  int dimensions = TF_NumDims(tensor);
  napi_create_array_with_length(env, dimensions, &shape);
  for (int k = 0; k < dimensions; k++) {
    napi_value size;
    napi_create_int64(env, TF_Dim(tensor, k), &size);
    napi_set_element(env, shape, k, size);
  }
  napi_create_object(env, &result);
  napi_set_named_property(env, result, "values", values);
  napi_set_named_property(env, result, "shape", shape);
  return result;
}

}  // namespace lossnet
