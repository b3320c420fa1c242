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
  for (uint32_t i = 0; i < plan->feeds.size(); i++) {
    napi_value feed = At(env, feeds, i);
    std::string name = TF_OperationName(plan->feeds[i].oper);
    Array values, records;
    if (!values.Read(env, Property(env, feed, "values"))) {
      Throw(env, "What is fed for " + name + " is no array.");
      return false;
    }
    napi_value shape = Property(env, feed, "shape");
    std::vector<int64_t> sizes(Length(env, shape));
    size_t numbers = 1;
    for (uint32_t k = 0; k < sizes.size(); k++) {
      napi_get_value_int64(env, At(env, shape, k), &sizes[k]);
      numbers *= sizes[k];
    }
    bool has_rows = records.Read(env, Property(env, feed, "records")) && records.kind == napi_uint32_array;
    size_t each = has_rows && records.length > 0 ? numbers / records.length : 0;
    if (values.Type() != plan->types[i] || numbers != (has_rows ? each * records.length : values.length)) {
      Throw(env, "What is fed for " + name + " is of another size or type.");
      return false;
    }
    const uint32_t *row = static_cast<const uint32_t *>(records.data);
    for (size_t k = 0; has_rows && k < records.length; k++) {
      if ((row[k] + size_t{1}) * each <= values.length) continue;
      Throw(env, "What is fed for " + name + " has no row " + std::to_string(row[k]) + ".");
      return false;
    }
    size_t size = TF_DataTypeSize(values.Type());
    char *to = static_cast<char *>(TF_TensorData(plan->Room(i, has_rows, sizes, numbers * size)));
    if (!to && numbers > 0) {
      Throw(env, "There is no memory for what is fed for " + name + ": " + std::to_string(numbers * size) + " bytes.");
      return false;
    }
    const char *from = static_cast<const char *>(values.data);
    if (has_rows) CopyRows(to, from, each * size, row, records.length);
    else if (numbers > 0) memcpy(to, from, numbers * size);
  }
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
