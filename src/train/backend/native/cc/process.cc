// A Node addon that makes the process fit for TensorFlow, before that is loaded.
//
// mute(), unmute(): keep the process's standard error aside for a moment. TensorFlow logs some lines while its libraries are being
// loaded, before any setting of the log level can take effect, so the file descriptor itself has to be moved. `unmute` returns
// what was written. A crash in between shows it.
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

static void ShowAndCrash(int) {
  char text[1024];
  lseek(fileno(captured), 0, SEEK_SET);
  for (ssize_t n; (n = read(fileno(captured), text, sizeof text)) > 0;)
    if (write(screen, text, n) < 0) break;
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
  sigset_t signals;
  // Before these are blocked here: a thread begins with the mask of the one that starts it.
  if (pthread_create(&receiver, NULL, WaitForSignals, NULL) != 0) return NULL;
  pthread_detach(receiver);
  sigfillset(&signals);
  const int kept[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGPROF, SIGSEGV, SIGSYS, SIGTRAP, SIGTTIN, SIGTTOU};
  for (int each : kept) sigdelset(&signals, each);
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
  napi_value function;
  napi_create_function(env, "stop", NAPI_AUTO_LENGTH, Stop, NULL, &function);
  napi_set_named_property(env, exports, "stop", function);
  napi_create_function(env, "shield", NAPI_AUTO_LENGTH, Shield, NULL, &function);
  napi_set_named_property(env, exports, "shield", function);
  napi_create_function(env, "mute", NAPI_AUTO_LENGTH, Mute, NULL, &function);
  napi_set_named_property(env, exports, "mute", function);
  napi_create_function(env, "unmute", NAPI_AUTO_LENGTH, Unmute, NULL, &function);
  napi_set_named_property(env, exports, "unmute", function);
  return exports;
}
