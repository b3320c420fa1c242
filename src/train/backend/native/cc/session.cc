// A Node addon that runs graphs in sessions of TensorFlow's. tfjs-node's own way in blocks JavaScript while a graph runs; keeps the names
// of what each run is fed, for ever; and lets TensorFlow's threads free memory that is JavaScript's.
//
//     load(graph, alone) -> session     from the bytes of a GraphDef; alone: no two of its ops run side by side
//     plan(session, feeds, outputs)     -> plan: what is to be fed, by the names of placeholders, and given, as `node:index`
//     start(plan, feeds)                copies what is fed, and begins on a thread of the session's
//     finish(plan) -> [{values, shape}] waits; throws what TensorFlow says
//     run(plan, feeds)                  both, on this thread
//     close(session)
//     hold(is_on)                       lets no profiler interrupt this thread, or lets it again
//     busy()                            milliseconds that graphs have run so far
//     cpu()                             milliseconds of a core that this thread has had so far
//
// What is fed is {values, shape}, or {values, records, shape}: rows of the values, by their numbers.
//
// All is called from JavaScript's one thread. A session does one thing at a time.

#include <node_api.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>
#include "tensorflow/c/c_api.h"

namespace {

struct Plan;

// What process.cc says of signals is true of the profiler's too, which alone are let through to JavaScript's thread.
void HoldProfiler(bool is_on) {
  sigset_t profiler;
  sigemptyset(&profiler);
  sigaddset(&profiler, SIGPROF);
  pthread_sigmask(is_on ? SIG_BLOCK : SIG_UNBLOCK, &profiler, nullptr);
}

std::chrono::steady_clock::duration busy{};  // read and written while nothing runs, of several sessions one after the other

struct Session {
  TF_Graph *graph = nullptr;
  TF_Session *session = nullptr;
  TF_Buffer *options = nullptr;  // of each run
  std::thread runner;
  std::mutex lock;
  std::condition_variable changed;
  Plan *given = nullptr;  // what the runner is to run, or runs
  bool closing = false;
  std::vector<std::unique_ptr<Plan>> plans;
};

struct Plan {
  Session *session;
  std::vector<TF_Output> feeds, outputs;
  std::vector<TF_DataType> types;  // of what is fed
  std::vector<TF_Tensor *> values, results;
  // Of batches, which are large and of one size: to have the memory anew for each takes as long as to copy it. No variable
  // holds on to them, as it may to what it is given.
  std::vector<bool> is_kept;
  TF_Status *status = TF_NewStatus();

  ~Plan() {
    is_kept.assign(is_kept.size(), false);
    Clear();
    TF_DeleteStatus(status);
  }

  void Clear() {
    for (size_t i = 0; i < values.size(); i++) {
      if (is_kept[i] || !values[i]) continue;
      TF_DeleteTensor(values[i]);
      values[i] = nullptr;
    }
    for (TF_Tensor *tensor : results)
      if (tensor) TF_DeleteTensor(tensor);
    results.clear();
  }

  // Memory for what is fed.
  TF_Tensor *Room(size_t i, bool keeps, const std::vector<int64_t> &sizes, size_t bytes) {
    TF_Tensor *&tensor = values[i];
    if (tensor && TF_TensorByteSize(tensor) != bytes) {
      TF_DeleteTensor(tensor);
      tensor = nullptr;
    }
    if (!tensor) tensor = TF_AllocateTensor(types[i], sizes.data(), static_cast<int>(sizes.size()), bytes);
    is_kept[i] = keeps;
    return tensor;
  }

  void Run() {
    HoldProfiler(true);
    auto began = std::chrono::steady_clock::now();
    results.assign(outputs.size(), nullptr);
    TF_SessionRun(session->session, session->options, feeds.data(), values.data(), static_cast<int>(feeds.size()),
                  outputs.data(), results.data(), static_cast<int>(outputs.size()), nullptr, 0, nullptr, status);
    busy += std::chrono::steady_clock::now() - began;
    HoldProfiler(false);
  }
};

void RunWhatIsGiven(Session *session) {
  std::unique_lock<std::mutex> held(session->lock);
  for (;;) {
    session->changed.wait(held, [=] { return session->given || session->closing; });
    if (session->closing) return;
    Plan *plan = session->given;
    held.unlock();
    plan->Run();
    held.lock();
    session->given = nullptr;
    session->changed.notify_all();
  }
}

// ---- to and from JavaScript

napi_value Throw(napi_env env, const std::string &message) {
  napi_throw_error(env, nullptr, message.c_str());
  return nullptr;
}

template <size_t N>
void Arguments(napi_env env, napi_callback_info info, napi_value (&arguments)[N]) {
  size_t count = N;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
}

template <typename T>
T *Pointer(napi_env env, napi_value value) {
  void *data = nullptr;
  napi_get_value_external(env, value, &data);
  return static_cast<T *>(data);
}

std::string Text(napi_env env, napi_value value) {
  size_t length = 0;
  napi_get_value_string_utf8(env, value, nullptr, 0, &length);
  std::string text(length, '\0');
  napi_get_value_string_utf8(env, value, &text[0], length + 1, &length);
  return text;
}

uint32_t Length(napi_env env, napi_value array) {
  uint32_t length = 0;
  napi_get_array_length(env, array, &length);
  return length;
}

napi_value At(napi_env env, napi_value array, uint32_t index) {
  napi_value value;
  napi_get_element(env, array, index, &value);
  return value;
}

// RunOptions with inter_op_thread_pool -1: ops run on the thread that asks for them, and none has to be woken.
const unsigned char kOnThisThread[] = {0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01};

napi_value Load(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  Arguments(env, info, arguments);
  void *bytes = nullptr;
  size_t length = 0;
  napi_get_typedarray_info(env, arguments[0], nullptr, &length, &bytes, nullptr, nullptr);

  TF_Status *status = TF_NewStatus();
  TF_Graph *graph = TF_NewGraph();
  TF_Buffer *definition = TF_NewBufferFromString(bytes, length);
  TF_ImportGraphDefOptions *import = TF_NewImportGraphDefOptions();
  TF_GraphImportGraphDef(graph, definition, import, status);
  TF_DeleteImportGraphDefOptions(import);
  TF_DeleteBuffer(definition);
  TF_Session *opened = nullptr;
  if (TF_GetCode(status) == TF_OK) {
    TF_SessionOptions *options = TF_NewSessionOptions();
    opened = TF_NewSession(graph, options, status);
    TF_DeleteSessionOptions(options);
  }
  std::string problem = TF_GetCode(status) == TF_OK ? "" : TF_Message(status);
  TF_DeleteStatus(status);
  if (!problem.empty()) {
    TF_DeleteGraph(graph);
    return Throw(env, "TensorFlow cannot load the graph: " + problem);
  }
  auto *session = new Session;
  session->graph = graph;
  session->session = opened;
  bool alone = false;
  napi_get_value_bool(env, arguments[1], &alone);
  if (alone) session->options = TF_NewBufferFromString(kOnThisThread, sizeof kOnThisThread);
  session->runner = std::thread(RunWhatIsGiven, session);
  napi_value result;
  napi_create_external(env, session, nullptr, nullptr, &result);
  return result;
}

// The output of a node that is named `node:index`, or `node` alone for the first.
bool Find(TF_Graph *graph, const std::string &name, TF_Output *found) {
  size_t colon = name.rfind(':');
  found->oper = TF_GraphOperationByName(graph, name.substr(0, colon).c_str());
  found->index = colon == std::string::npos ? 0 : atoi(name.c_str() + colon + 1);
  return found->oper != nullptr;
}

napi_value MakePlan(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  Arguments(env, info, arguments);
  auto *session = Pointer<Session>(env, arguments[0]);
  std::unique_ptr<Plan> plan(new Plan);
  plan->session = session;
  for (auto [names, outputs] : {std::make_pair(arguments[1], &plan->feeds), {arguments[2], &plan->outputs}}) {
    for (uint32_t i = 0; i < Length(env, names); i++) {
      std::string name = Text(env, At(env, names, i));
      TF_Output output;
      if (!Find(session->graph, name, &output)) return Throw(env, "The graph has no " + name + ".");
      outputs->push_back(output);
    }
  }
  for (const TF_Output &feed : plan->feeds) plan->types.push_back(TF_OperationOutputType(feed));
  plan->values.assign(plan->feeds.size(), nullptr);
  plan->is_kept.assign(plan->feeds.size(), false);
  napi_value result;
  napi_create_external(env, plan.get(), nullptr, nullptr, &result);
  session->plans.push_back(std::move(plan));
  return result;
}

napi_value Property(napi_env env, napi_value object, const char *name) {
  napi_value value;
  napi_get_named_property(env, object, name, &value);
  return value;
}

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

void CopyRows(char *to, const char *from, size_t bytes, const uint32_t *records, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (i + kAhead < count) {
      const char *next = from + records[i + kAhead] * bytes;
      for (size_t k = 0; k < bytes && k < 512; k += 64) __builtin_prefetch(next + k);
    }
    memcpy(to + i * bytes, from + records[i] * bytes, bytes);
  }
}

// Copies what is fed into memory that is TensorFlow's alone.
bool Take(napi_env env, Plan *plan, napi_value feeds) {
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
    const char *from = static_cast<const char *>(values.data);
    if (has_rows) CopyRows(to, from, each * size, row, records.length);
    else if (numbers > 0) memcpy(to, from, numbers * size);
  }
  return true;
}

napi_value Give(napi_env env, TF_Tensor *tensor) {
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

// What a plan has given, once it has run.
napi_value Results(napi_env env, Plan *plan) {
  napi_value all = nullptr;
  if (TF_GetCode(plan->status) != TF_OK) {
    Throw(env, TF_Message(plan->status));
  } else {
    napi_create_array_with_length(env, plan->results.size(), &all);
    for (uint32_t i = 0; i < plan->results.size(); i++) napi_set_element(env, all, i, Give(env, plan->results[i]));
  }
  plan->Clear();
  return all;
}

napi_value Start(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  Arguments(env, info, arguments);
  auto *plan = Pointer<Plan>(env, arguments[0]);
  if (!Take(env, plan, arguments[1])) return nullptr;
  Session *session = plan->session;
  {
    std::lock_guard<std::mutex> held(session->lock);
    session->given = plan;
  }
  session->changed.notify_all();
  return nullptr;
}

napi_value Finish(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  Arguments(env, info, arguments);
  auto *plan = Pointer<Plan>(env, arguments[0]);
  Session *session = plan->session;
  {
    std::unique_lock<std::mutex> held(session->lock);
    session->changed.wait(held, [=] { return session->given != plan; });
  }
  return Results(env, plan);
}

napi_value Run(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  Arguments(env, info, arguments);
  auto *plan = Pointer<Plan>(env, arguments[0]);
  if (!Take(env, plan, arguments[1])) return nullptr;
  plan->Run();
  return Results(env, plan);
}

napi_value Hold(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  Arguments(env, info, arguments);
  bool is_on = false;
  napi_get_value_bool(env, arguments[0], &is_on);
  HoldProfiler(is_on);
  return nullptr;
}

napi_value Busy(napi_env env, napi_callback_info) {
  napi_value result;
  napi_create_double(env, std::chrono::duration<double, std::milli>(busy).count(), &result);
  return result;
}

napi_value Cpu(napi_env env, napi_callback_info) {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  napi_value result;
  napi_create_double(env, now.tv_sec * 1e3 + now.tv_nsec / 1e6, &result);
  return result;
}

napi_value Close(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  Arguments(env, info, arguments);
  auto *session = Pointer<Session>(env, arguments[0]);
  {
    std::unique_lock<std::mutex> held(session->lock);
    session->changed.wait(held, [=] { return !session->given; });
    session->closing = true;
  }
  session->changed.notify_all();
  session->runner.join();
  TF_Status *status = TF_NewStatus();
  TF_CloseSession(session->session, status);
  TF_DeleteSession(session->session, status);
  TF_DeleteStatus(status);
  TF_DeleteGraph(session->graph);
  if (session->options) TF_DeleteBuffer(session->options);
  delete session;
  return nullptr;
}

}  // namespace

NAPI_MODULE_INIT() {
  const struct {
    const char *name;
    napi_callback call;
  } functions[] = {{"load", Load},     {"plan", MakePlan}, {"start", Start},
                   {"finish", Finish}, {"run", Run},       {"close", Close}, {"hold", Hold}, {"busy", Busy}, {"cpu", Cpu}};
  for (const auto &each : functions) {
    napi_value function;
    napi_create_function(env, each.name, NAPI_AUTO_LENGTH, each.call, nullptr, &function);
    napi_set_named_property(env, exports, each.name, function);
  }
  return exports;
}
