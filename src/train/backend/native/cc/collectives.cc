// A Node addon for TensorFlow's collective operations, which add up and gather vectors over several processes. Each call
// runs on a thread of its own and settles a promise, so that timers and signals are served meanwhile.
//
// TensorFlow's server listens on all interfaces and runs any graph for anyone who reaches it. It opens its socket itself,
// so `listen` is replaced in its own table of functions: a filter lies on the socket before the first packet can come.

#include <arpa/inet.h>
#include <linux/filter.h>
#include <link.h>
#include <node_api.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>
#include <vector>
#include "tensorflow/c/c_api.h"
#include "tensorflow/c/eager/c_api.h"

// From tensorflow/c/c_api_experimental.h, which is not unpacked.
extern "C" void TFE_EnableCollectiveOps(TFE_Context *, const void *, size_t, TF_Status *);

// ---- who may connect

static std::mutex doors_lock;
static std::vector<int> doors;           // TensorFlow's listening sockets
static std::vector<sock_filter> guard;   // the filter for them
static bool guarded = false;

static bool Attach(int fd, std::vector<sock_filter> &code) {
  sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

static int GuardedListen(int fd, int backlog) {
  std::lock_guard<std::mutex> lock(doors_lock);
  // Without the filter there is no socket: the error is TensorFlow's reason not to start.
  if (guarded && !Attach(fd, guard)) return -1;
  int result = listen(fd, backlog);
  if (result == 0) doors.push_back(fd);
  return result;
}

// Puts GuardedListen into the tables of the loaded libraries of TensorFlow. Counts them.
static int ReplaceListen(dl_phdr_info *info, size_t, void *count) {
  if (!info->dlpi_name || !strstr(info->dlpi_name, "libtensorflow")) return 0;
  const ElfW(Dyn) *dynamic = nullptr;
  for (int i = 0; i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
      dynamic = reinterpret_cast<const ElfW(Dyn) *>(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
  if (!dynamic) return 0;
  const ElfW(Sym) *symbols = nullptr;
  const char *names = nullptr;
  const ElfW(Rela) *tables[2] = {nullptr, nullptr};
  size_t sizes[2] = {0, 0};
  for (; dynamic->d_tag != DT_NULL; dynamic++) {
    auto at = dynamic->d_un.d_ptr;
    switch (dynamic->d_tag) {
      case DT_SYMTAB: symbols = reinterpret_cast<const ElfW(Sym) *>(at); break;
      case DT_STRTAB: names = reinterpret_cast<const char *>(at); break;
      case DT_JMPREL: tables[0] = reinterpret_cast<const ElfW(Rela) *>(at); break;
      case DT_PLTRELSZ: sizes[0] = dynamic->d_un.d_val; break;
      case DT_RELA: tables[1] = reinterpret_cast<const ElfW(Rela) *>(at); break;
      case DT_RELASZ: sizes[1] = dynamic->d_un.d_val; break;
    }
  }
  if (!symbols || !names) return 0;
  for (int t = 0; t < 2; t++) {
    for (size_t i = 0; tables[t] && i < sizes[t] / sizeof(ElfW(Rela)); i++) {
      auto symbol = ELF64_R_SYM(tables[t][i].r_info);
      if (!symbol || strcmp(names + symbols[symbol].st_name, "listen")) continue;
      auto slot = reinterpret_cast<void **>(info->dlpi_addr + tables[t][i].r_offset);
      auto page = reinterpret_cast<void *>(reinterpret_cast<uintptr_t>(slot) & ~(sysconf(_SC_PAGESIZE) - 1ul));
      if (mprotect(page, sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE)) continue;
      *slot = reinterpret_cast<void *>(GuardedListen);
      ++*static_cast<int *>(count);
    }
  }
  return 0;
}

// A filter that lets packets from these addresses through, of either family.
static bool BuildGuard(const std::vector<std::string> &addresses) {
  const unsigned net = static_cast<unsigned>(SKF_NET_OFF);
  std::vector<sock_filter> v4, v6;
  for (auto &text : addresses) {
    in_addr a4;
    in6_addr a6;
    if (inet_pton(AF_INET, text.c_str(), &a4) == 1) {
      v4.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ntohl(a4.s_addr), 0, 1));
      v4.push_back(BPF_STMT(BPF_RET | BPF_K, 0xffffffff));
    } else if (inet_pton(AF_INET6, text.c_str(), &a6) == 1) {
      for (unsigned k = 0; k < 4; k++) {
        uint32_t word;
        memcpy(&word, a6.s6_addr + 4 * k, 4);
        v6.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, net + 8 + 4 * k));
        v6.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ntohl(word), 0, static_cast<unsigned char>(7 - 2 * k)));
      }
      v6.push_back(BPF_STMT(BPF_RET | BPF_K, 0xffffffff));
    } else return false;
  }
  guard = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, net),
      BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 4),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 6, 0, 1),
      BPF_STMT(BPF_JMP | BPF_JA, static_cast<unsigned>(v4.size()) + 2),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, net + 12),
  };
  guard.insert(guard.end(), v4.begin(), v4.end());
  guard.push_back(BPF_STMT(BPF_RET | BPF_K, 0));
  guard.insert(guard.end(), v6.begin(), v6.end());
  guard.push_back(BPF_STMT(BPF_RET | BPF_K, 0));
  return guard.size() <= BPF_MAXINSNS;
}

// ---- work on threads

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
  size_t count = 1;
  napi_value args[1];
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  uint32_t length = 0;
  napi_get_array_length(env, args[0], &length);
  std::vector<std::string> addresses;
  for (uint32_t i = 0; i < length; i++) {
    napi_value element;
    char text[64];
    napi_get_element(env, args[0], i, &element);
    napi_get_value_string_utf8(env, element, text, sizeof text, nullptr);
    addresses.push_back(text);
  }
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
  size_t count = 2;
  napi_value args[2];
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  return Start(env, WorkOn(env, Work::kJoin, args[0], args[1]));
}

// collect(reduces, in, out, size, group, instance, timeout): Promise. Of what is gathered, out takes all; or, where it is
// shorter, the sum of all parts of its length.
static napi_value CollectValues(napi_env env, napi_callback_info info) {
  size_t count = 7;
  napi_value args[7];
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
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
