// A Node addon for TensorFlow's collective operations, which add up and gather vectors over several processes. Each call
// runs on a thread of its own and settles a promise, so that timers and signals are served meanwhile.

#include <thread>
#include "doors.h"
#include "javascript.h"
#include "tensorflow/c/c_api.h"
#include "tensorflow/c/eager/c_api.h"

using namespace lossnet;

// From tensorflow/c/c_api_experimental.h, which is not unpacked.
extern "C" void TFE_EnableCollectiveOps(TFE_Context *, const void *, size_t, TF_Status *);

static TFE_Context *context = nullptr;

struct Work {
  enum Kind { kJoin, kReduce, kGather } kind;
  napi_deferred deferred;
  napi_threadsafe_function done = nullptr;
  napi_ref buffers[2] = {nullptr, nullptr};
  void *in = nullptr;
  void *out = nullptr;
  size_t in_bytes = 0, out_bytes = 0;
  int size = 0, group = 0, instance = 0;
  float timeout = 0;
  int code = 0;
  std::string message;
};

static void Join(Work *w, TF_Status *s) {
  TFE_ContextOptions *options = TFE_NewContextOptions();
  TFE_ContextOptionsSetConfig(options, w->out, w->out_bytes, s);
  if (!TF_GetCode(s)) context = TFE_NewContext(options, s);
  TFE_DeleteContextOptions(options);
  if (!TF_GetCode(s)) TFE_EnableCollectiveOps(context, w->in, w->in_bytes, s);
}

static TFE_TensorHandle *Number(int32_t value, TF_Status *s) {
  TF_Tensor *tensor = TF_AllocateTensor(TF_INT32, nullptr, 0, sizeof value);
  memcpy(TF_TensorData(tensor), &value, sizeof value);
  TFE_TensorHandle *handle = TFE_NewTensorHandle(tensor, s);
  TF_DeleteTensor(tensor);
  return handle;
}

static void Keep(void *, size_t, void *) {}

// What was gathered, added up from the first to the last: the same bytes however many ranks brought it.
static void AddParts(const void *gathered, size_t parts, Work *w) {
  const float *values = static_cast<const float *>(gathered);
  float *sum = static_cast<float *>(w->out);
  size_t length = w->out_bytes / 4;
  memcpy(sum, values, w->out_bytes);
  for (size_t part = 1; part < parts; part++) {
    const float *next = values + part * length;
    for (size_t i = 0; i < length; i++) sum[i] += next[i];
  }
}

static void Collect(Work *w, TF_Status *s) {
  int64_t dims[1] = {static_cast<int64_t>(w->in_bytes / 4)};
  TF_Tensor *given = TF_NewTensor(TF_FLOAT, dims, 1, w->in, w->in_bytes, Keep, nullptr);
  TFE_TensorHandle *inputs[4] = {TFE_NewTensorHandle(given, s), Number(w->size, s), Number(w->group, s), Number(w->instance, s)};
  TF_DeleteTensor(given);
  bool reduces = w->kind == Work::kReduce;
  TFE_Op *op = TFE_NewOp(context, reduces ? "CollectiveReduceV2" : "CollectiveGatherV2", s);
  if (!TF_GetCode(s)) {
    for (auto *input : inputs) TFE_OpAddInput(op, input, s);
    TFE_OpSetAttrType(op, "T", TF_FLOAT);
    if (reduces) {
      TFE_OpSetAttrString(op, "merge_op", "Add", 3);
      TFE_OpSetAttrString(op, "final_op", "Id", 2);
      TFE_OpSetAttrInt(op, "max_subdivs_per_device", -1);
    }
    TFE_OpSetAttrString(op, "communication_hint", "ring", 4);
    TFE_OpSetAttrFloat(op, "timeout_seconds", w->timeout);
    TFE_OpSetAttrInt(op, "Nordering_token", 0);
    TFE_TensorHandle *outputs[1];
    int count = 1;
    TFE_Execute(op, outputs, &count, s);
    if (!TF_GetCode(s)) {
      TF_Tensor *result = TFE_TensorHandleResolve(outputs[0], s);
      if (!TF_GetCode(s)) {
        size_t bytes = TF_TensorByteSize(result);
        if (bytes == w->out_bytes) memcpy(w->out, TF_TensorData(result), bytes);
        else if (w->out_bytes && bytes % w->out_bytes == 0) AddParts(TF_TensorData(result), bytes / w->out_bytes, w);
        else TF_SetStatus(s, TF_INTERNAL, "the result has another length than was asked for");
        TF_DeleteTensor(result);
      }
      TFE_DeleteTensorHandle(outputs[0]);
    }
    TFE_DeleteOp(op);
  }
  for (auto *input : inputs) TFE_DeleteTensorHandle(input);
}

static void Settle(napi_env env, napi_value, void *, void *data) {
  Work *w = static_cast<Work *>(data);
  if (env) {
    napi_value value;
    napi_get_undefined(env, &value);
    if (w->code) {
      napi_value message, code;
      napi_create_string_utf8(env, w->message.c_str(), w->message.size(), &message);
      napi_create_string_utf8(env, std::to_string(w->code).c_str(), NAPI_AUTO_LENGTH, &code);
      napi_create_error(env, code, message, &value);
      napi_reject_deferred(env, w->deferred, value);
    } else {
      napi_resolve_deferred(env, w->deferred, value);
      // After an error TensorFlow may still hold the memory: then it stays.
      for (auto *buffer : w->buffers) if (buffer) napi_delete_reference(env, buffer);
    }
  }
  napi_release_threadsafe_function(w->done, napi_tsfn_release);
  delete w;
}

static void Run(Work *w) {
  TF_Status *s = TF_NewStatus();
  if (w->kind == Work::kJoin) Join(w, s);
  else Collect(w, s);
  w->code = TF_GetCode(s);
  w->message = TF_Message(s);
  TF_DeleteStatus(s);
  napi_call_threadsafe_function(w->done, w, napi_tsfn_blocking);
}

static napi_value Start(napi_env env, Work *w) {
  napi_value promise, name;
  napi_create_promise(env, &w->deferred, &promise);
  napi_create_string_utf8(env, "lossnet_collectives", NAPI_AUTO_LENGTH, &name);
  napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, nullptr, Settle, &w->done);
  napi_unref_threadsafe_function(env, w->done);
  // Detached, and none of Node's own: one that TensorFlow never lets go of must not keep the process from ending.
  std::thread(Run, w).detach();
  return promise;
}

static void *Memory(napi_env env, napi_value value, size_t *bytes) {
  napi_typedarray_type type;
  size_t length, offset;
  void *data;
  napi_value buffer;
  napi_get_typedarray_info(env, value, &type, &length, &data, &buffer, &offset);
  *bytes = length * (type == napi_float32_array ? 4 : 1);
  return data;
}

static double Real(napi_env env, napi_value value) {
  double number = 0;
  napi_get_value_double(env, value, &number);
  return number;
}

static Work *WorkOn(napi_env env, Work::Kind kind, napi_value in, napi_value out) {
  Work *w = new Work;
  w->kind = kind;
  w->in = Memory(env, in, &w->in_bytes);
  w->out = Memory(env, out, &w->out_bytes);
  napi_create_reference(env, in, 1, &w->buffers[0]);
  napi_create_reference(env, out, 1, &w->buffers[1]);
  return w;
}

// guard(addresses: string[]) -> whether only these will be let in
static napi_value Guard(napi_env env, napi_callback_info info) {
  napi_value args[1];
  Arguments(env, info, args);
  std::vector<std::string> addresses;
  for (uint32_t i = 0; i < Length(env, args[0]); i++) addresses.push_back(Text(env, At(env, args[0], i)));
  int replaced = 0;
  dl_iterate_phdr(ReplaceListen, &replaced);
  std::lock_guard<std::mutex> lock(doors_lock);
  guarded = replaced > 0 && BuildGuard(addresses);
  napi_value result;
  napi_get_boolean(env, guarded, &result);
  return result;
}

// join(server: Uint8Array, config: Uint8Array): Promise
static napi_value JoinGroup(napi_env env, napi_callback_info info) {
  napi_value args[2];
  Arguments(env, info, args);
  return Start(env, WorkOn(env, Work::kJoin, args[0], args[1]));
}

// collect(reduces, in, out, size, group, instance, timeout): Promise. Of what is gathered, out takes all; or, where it is
// shorter, the sum of all parts of its length.
static napi_value CollectValues(napi_env env, napi_callback_info info) {
  napi_value args[7];
  Arguments(env, info, args);
  bool reduces = false;
  napi_get_value_bool(env, args[0], &reduces);
  Work *w = WorkOn(env, reduces ? Work::kReduce : Work::kGather, args[1], args[2]);
  w->size = static_cast<int>(Real(env, args[3]));
  w->group = static_cast<int>(Real(env, args[4]));
  w->instance = static_cast<int>(Real(env, args[5]));
  w->timeout = static_cast<float>(Real(env, args[6]));
  return Start(env, w);
}

// shut() -> how many sockets let nobody in from now on; the connections that there are stay.
static napi_value Shut(napi_env env, napi_callback_info) {
  std::lock_guard<std::mutex> lock(doors_lock);
  std::vector<sock_filter> nobody = {BPF_STMT(BPF_RET | BPF_K, 0)};
  int shut = 0;
  for (int fd : doors) if (Attach(fd, nobody)) shut++;
  napi_value result;
  napi_create_int32(env, shut, &result);
  return result;
}

static void Export(napi_env env, napi_value exports, const char *name, napi_callback function) {
  napi_value value;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &value);
  napi_set_named_property(env, exports, name, value);
}

NAPI_MODULE_INIT() {
  Export(env, exports, "guard", Guard);
  Export(env, exports, "join", JoinGroup);
  Export(env, exports, "collect", CollectValues);
  Export(env, exports, "shut", Shut);
  return exports;
}
