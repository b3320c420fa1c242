// A Node addon that runs graphs in sessions of TensorFlow's. tfjs-node's own way in blocks JavaScript while a graph runs; keeps the names
// of what each run is fed, for ever; and lets TensorFlow's threads free memory that is JavaScript's.
//
//     load(graph, alone) -> session     from the bytes of a GraphDef; alone: no two of its ops run side by side
//     plan(session, feeds, outputs)     -> plan: what is to be fed, by the names of placeholders, and given, as `node:index`
//     start(plan, feeds)                copies what is fed, and begins on a thread of the session's
//     finish(plan) -> [{values, shape}] waits; throws what TensorFlow says
//     run(plan, feeds)                  both, on this thread
//     finish(plan, into)                the same, what is given copied into a Float32Array of its size: there is one output then
//     run(plan, feeds, into)
//     close(session)
//     hold(is_on)                       lets no profiler interrupt this thread, or lets it again
//     busy()                            milliseconds that graphs have run so far
//     cpu()                             milliseconds of a core that this thread has had so far
//
// What is fed are values and records for each placeholder in turn: records are rows of the values, by their numbers, or undefined.
//
// All is called from JavaScript's one thread. A session does one thing at a time.

#include <time.h>
#include <cstdlib>
#include <system_error>
#include "javascript.h"
#include "matmul.h"
#include "memory.h"
#include "plan.h"
#include "tensors.h"

namespace lossnet {
namespace {

// RunOptions with inter_op_thread_pool -1: ops run on the thread that asks for them, and none has to be woken.
const unsigned char kOnThisThread[] = {0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01};

void Free(Session *session) {
  TF_Status *status = TF_NewStatus();
  TF_CloseSession(session->session, status);
  TF_DeleteSession(session->session, status);
  TF_DeleteStatus(status);
  TF_DeleteGraph(session->graph);
  if (session->options) TF_DeleteBuffer(session->options);
  delete session;
}

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
  try {
    session->runner = std::thread(RunWhatIsGiven, session);
  } catch (const std::system_error &error) {
    Free(session);
    return Throw(env, std::string("The system gives no thread to run graphs on: ") + error.what());
  }
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

// What a placeholder is to be given: all its sizes must be known, but for the first.
bool Describe(TF_Graph *graph, TF_Output input, Feed *feed) {
  feed->name = TF_OperationName(input.oper);
  feed->type = TF_OperationOutputType(input);
  TF_Status *status = TF_NewStatus();
  int dimensions = TF_GraphGetTensorNumDims(graph, input, status);
  if (dimensions > 0) {
    feed->sizes.resize(dimensions);
    TF_GraphGetTensorShape(graph, input, feed->sizes.data(), dimensions, status);
  }
  bool is_known = dimensions >= 0 && TF_GetCode(status) == TF_OK;
  TF_DeleteStatus(status);
  for (size_t k = 0; k < feed->sizes.size(); k++) {
    if (feed->sizes[k] >= 0) feed->each *= feed->sizes[k];
    else if (k == 0) feed->is_open = true;
    else is_known = false;
  }
  return is_known;
}

napi_value MakePlan(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  Arguments(env, info, arguments);
  auto *session = Pointer<Session>(env, arguments[0]);
  std::unique_ptr<Plan> plan(new Plan);
  plan->session = session;
  for (auto [names, outputs] : {std::make_pair(arguments[1], &plan->inputs), {arguments[2], &plan->outputs}}) {
    for (uint32_t i = 0; i < Length(env, names); i++) {
      std::string name = Text(env, At(env, names, i));
      TF_Output output;
      if (!Find(session->graph, name, &output)) return Throw(env, "The graph has no " + name + ".");
      outputs->push_back(output);
    }
  }
  for (const TF_Output &input : plan->inputs) {
    Feed feed;
    if (!Describe(session->graph, input, &feed)) return Throw(env, "The graph does not say the sizes of " + feed.name + ".");
    plan->feeds.push_back(feed);
  }
  plan->values.assign(plan->feeds.size(), nullptr);
  napi_value result;
  napi_create_external(env, plan.get(), nullptr, nullptr, &result);
  session->plans.push_back(std::move(plan));
  return result;
}

// What a plan has given, once it has run; nothing where it is copied into an array.
napi_value Results(napi_env env, Plan *plan, napi_value wanted) {
  napi_value all = nullptr;
  Array into;
  if (TF_GetCode(plan->status) != TF_OK) {
    Throw(env, TF_Message(plan->status));
  } else if (into.Read(env, wanted)) {
    if (into.kind != napi_float32_array || !GiveInto(env, plan->results, into)) Throw(env, "What is given is of another size or type.");
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
  napi_value arguments[2];
  Arguments(env, info, arguments);
  auto *plan = Pointer<Plan>(env, arguments[0]);
  Session *session = plan->session;
  {
    std::unique_lock<std::mutex> held(session->lock);
    session->changed.wait(held, [=] { return session->given != plan; });
  }
  return Results(env, plan, arguments[1]);
}

napi_value Run(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  Arguments(env, info, arguments);
  auto *plan = Pointer<Plan>(env, arguments[0]);
  if (!Take(env, plan, arguments[1])) return nullptr;
  plan->Run();
  return Results(env, plan, arguments[2]);
}

napi_value Hold(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  Arguments(env, info, arguments);
  bool is_on = false;
  napi_get_value_bool(env, arguments[0], &is_on);
  HoldProfiler(is_on);
  return nullptr;
}

napi_value Multiplies(napi_env env, napi_callback_info) {
  napi_value result;
  napi_get_boolean(env, PanelKernels::Here().areFast, &result);
  return result;
}

napi_value ReserveMemory(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  Arguments(env, info, arguments);
  int64_t bytes = 0;
  napi_get_value_int64(env, arguments[0], &bytes);
  Reserve(bytes);
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
  Free(session);
  return nullptr;
}

}  // namespace
}  // namespace lossnet

NAPI_MODULE_INIT() {
  using namespace lossnet;
  const struct {
    const char *name;
    napi_callback call;
  } functions[] = {{"load", Load},     {"plan", MakePlan}, {"start", Start},
                   {"finish", Finish}, {"run", Run},       {"close", Close}, {"hold", Hold}, {"busy", Busy}, {"cpu", Cpu},
                   {"multiplies", Multiplies}, {"reserve", ReserveMemory}};
  for (const auto &each : functions) {
    napi_value function;
    napi_create_function(env, each.name, NAPI_AUTO_LENGTH, each.call, nullptr, &function);
    napi_set_named_property(env, exports, each.name, function);
  }
  return exports;
}
