// Who may connect to TensorFlow's server. It listens on all interfaces and runs any graph for anyone who reaches it. It opens its
// socket itself, so `listen` is replaced in its own table of functions: a filter lies on the socket before the first packet can come.
#pragma once

#include <arpa/inet.h>
#include <linux/filter.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <string>
#include <vector>

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
