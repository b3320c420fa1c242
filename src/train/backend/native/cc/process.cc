// A Node addon that makes the process fit for TensorFlow, before that is loaded.
//
// mute(), unmute(): keep the process's standard error aside for a moment. TensorFlow logs some lines while its libraries are being
// loaded, before any setting of the log level can take effect, so the file descriptor itself has to be moved. `unmute` returns
// what was written. A crash in between shows it.
//
// begin(library): opens a library on a thread of its own, so that it is open when somebody asks for it, and lets nothing that it logs
// meanwhile reach standard error: `mute` keeps it. What JavaScript writes there does, which is why the stream of C is replaced, and not
// the file descriptor; what else Node writes, of errors that nobody catches, comes once the library is open. wait(): waits for that, as
// must whoever changes an environment variable, and as the end of the process must.
//
// shield(): lets signals come to a thread that does nothing else. A kernel of oneDNN's for products of matrices
// (jit_avx512_common_gemm_f32, where more than 84 products are added up) moves its stack pointer into an array on the heap, and there
// the system writes when a signal interrupts it: a terminal whose size changes, or Ctrl-C, ends the process. Threads that are started later,
// as TensorFlow's, are shielded too; what Node does at a signal is the same. SIGPROF stays, as profiles of JavaScript need it; and so
// do SIGTTIN and SIGTTOU, which nobody handles: to a thread that takes none, a terminal gives an error where a job in the background
// is to wait for `fg`.
//
// stop(): what Ctrl-Z does where nobody listens, within the call. Sent by process.kill, the signal comes to the other thread, while this
// one runs on.

#include <node_api.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int kCrashes[] = {SIGABRT, SIGILL, SIGSEGV, SIGBUS};
static struct sigaction before[4];
static FILE *captured = NULL;
static int screen = -1;

// Where the C library lets its standard error be replaced.
#if defined(__GLIBC__) || defined(__APPLE__)
static const bool kMayBegin = true;
static void Replace(FILE *stream) { stderr = stream; }
#else
static const bool kMayBegin = false;
static void Replace(FILE *) {}
#endif

static pthread_t opener;
static bool has_begun = false, is_opening = false, is_open = false;
static FILE *usual = NULL, *early = NULL;  // standard error, and what has been logged in its place

static void *Open(void *library) {
  // What is wrong with it is told by who opens it next.
  is_open = dlopen(static_cast<char *>(library), RTLD_LAZY) != NULL;
  free(library);
  return NULL;
}

// Whether a line is one that TensorFlow logs: I, W, E or F and the date; or what the first of them is announced by.
static bool IsLogged(const char *line) {
  if (strncmp(line, "WARNING: All log messages before absl", 37) == 0) return true;
  if (!strchr("IWEF", line[0])) return false;
  for (int i = 1; i < 5; i++)
    if (line[i] < '0' || line[i] > '9') return false;
  return line[5] == ' ';
}

static void Join(void *) {
  if (!is_opening) return;
  pthread_join(opener, NULL);
  is_opening = false;
  Replace(usual);
  char *line = NULL;
  size_t room = 0;
  rewind(early);
  while (getline(&line, &room, early) >= 0)
    if (!IsLogged(line)) fputs(line, usual);
  free(line);
}

// Signals that come to a thread by what it does itself, and some others: see shield.
static sigset_t Shielded() {
  sigset_t signals;
  sigfillset(&signals);
  const int kept[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGPROF, SIGSEGV, SIGSYS, SIGTRAP, SIGTTIN, SIGTTOU};
  for (int each : kept) sigdelset(&signals, each);
  return signals;
}

static napi_value Begin(napi_env env, napi_callback_info info) {
  size_t count = 1, length = 0;
  napi_value argument;
  napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
  if (!kMayBegin || has_begun || napi_get_value_string_utf8(env, argument, NULL, 0, &length) != napi_ok) return NULL;
  if (!(early = tmpfile())) return NULL;
  char *library = static_cast<char *>(malloc(length + 1));
  napi_get_value_string_utf8(env, argument, library, length + 1, &length);
  has_begun = true;
  usual = stderr;
  Replace(early);
  // It begins with the mask of the thread that starts it, and so do those that it starts.
  sigset_t shielded = Shielded(), before;
  pthread_sigmask(SIG_BLOCK, &shielded, &before);
  is_opening = pthread_create(&opener, NULL, Open, library) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (is_opening) {
    napi_add_env_cleanup_hook(env, Join, NULL);
  } else {
    Replace(usual);
    free(library);
  }
  return NULL;
}

static napi_value Wait(napi_env, napi_callback_info) {
  Join(NULL);
  return NULL;
}

static void ShowAndCrash(int) {
  char text[1024];
  lseek(fileno(captured), 0, SEEK_SET);
  for (ssize_t n; (n = read(fileno(captured), text, sizeof text)) > 0;)
    if (write(screen, text, n) < 0) break;
}

// What was logged before, in front of what is kept from now on. Of a library that is open there is nothing to be said.
static void KeepEarly() {
  char text[1024];
  Join(NULL);
  if (!early) return;
  lseek(fileno(early), 0, SEEK_SET);
  for (ssize_t n; !is_open && (n = read(fileno(early), text, sizeof text)) > 0;)
    if (write(2, text, n) < 0) break;
  fclose(early);
  early = NULL;
}

static napi_value Mute(napi_env, napi_callback_info) {
  if (captured || !(captured = tmpfile())) return NULL;
  screen = fcntl(2, F_DUPFD_CLOEXEC, 3);
  if (screen < 0 || dup2(fileno(captured), 2) < 0) {
    fclose(captured);
    captured = NULL;
    return NULL;
  }
  struct sigaction crash;
  memset(&crash, 0, sizeof crash);
  crash.sa_handler = ShowAndCrash;
  crash.sa_flags = SA_RESETHAND;
  for (int i = 0; i < 4; i++) sigaction(kCrashes[i], &crash, &before[i]);
  KeepEarly();
  return NULL;
}

static napi_value Unmute(napi_env env, napi_callback_info) {
  napi_value text = NULL;
  if (!captured) return NULL;
  for (int i = 0; i < 4; i++) sigaction(kCrashes[i], &before[i], NULL);
  dup2(screen, 2);
  close(screen);
  long size = lseek(fileno(captured), 0, SEEK_END);
  char *buffer = static_cast<char *>(malloc(size + 1));
  lseek(fileno(captured), 0, SEEK_SET);
  size = read(fileno(captured), buffer, size);
  napi_create_string_utf8(env, buffer, size < 0 ? 0 : size, &text);
  free(buffer);
  fclose(captured);
  captured = NULL;
  return text;
}

static void *WaitForSignals(void *) {
  for (;;) pause();
}

static napi_value Shield(napi_env, napi_callback_info) {
  pthread_t receiver;
  // Before these are blocked here: a thread begins with the mask of the one that starts it.
  if (pthread_create(&receiver, NULL, WaitForSignals, NULL) != 0) return NULL;
  pthread_detach(receiver);
  sigset_t signals = Shielded();
  pthread_sigmask(SIG_BLOCK, &signals, NULL);
  return NULL;
}

static napi_value Stop(napi_env, napi_callback_info) {
  sigset_t stop, blocked;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTSTP);
  pthread_sigmask(SIG_UNBLOCK, &stop, &blocked);
  pthread_kill(pthread_self(), SIGTSTP);
  pthread_sigmask(SIG_SETMASK, &blocked, NULL);
  return NULL;
}

NAPI_MODULE_INIT() {
  const struct {
    const char *name;
    napi_callback call;
  } functions[] = {{"begin", Begin}, {"wait", Wait}, {"stop", Stop}, {"shield", Shield}, {"mute", Mute}, {"unmute", Unmute}};
  for (const auto &each : functions) {
    napi_value function;
    napi_create_function(env, each.name, NAPI_AUTO_LENGTH, each.call, NULL, &function);
    napi_set_named_property(env, exports, each.name, function);
  }
  return exports;
}
