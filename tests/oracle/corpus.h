// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
//
// The C types that the decoder is tested with: what a BPF program may send, and what compilers lay out in
// surprising ways. Compiled for BPF, where BTF describes them, and for the host, where the C compiler reads
// them.
//
// To add a struct: its definition and RECORD() here, and its members in members.c, one line each.
#ifndef ORACLE_CORPUS_H
#define ORACLE_CORPUS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The including file defines what is generated for each struct.
#ifndef RECORD
#error "define RECORD(name) before including this"
#endif

#ifdef __has_attribute
#if __has_attribute(btf_type_tag)
#define TYPE_TAG(name) __attribute__((btf_type_tag(name)))
#endif
#if __has_attribute(btf_decl_tag)
#define DECL_TAG(name) __attribute__((btf_decl_tag(name)))
#endif
#endif
#ifndef TYPE_TAG
#define TYPE_TAG(name)
#endif
#ifndef DECL_TAG
#define DECL_TAG(name)
#endif
#define PACKED __attribute__((packed))
#define ALIGNED(bytes) __attribute__((aligned(bytes)))

// Enums. The host's program also takes the names of values from these lists.
#define ENUMERATOR(name, value) name = value,

#define COLORS(X) X(COLOR_RED, 0) X(COLOR_GREEN, 1) X(COLOR_BLUE, 2)
enum color { COLORS(ENUMERATOR) };

#define BALANCES(X) X(BALANCE_DEBT, -2) X(BALANCE_LOSS, -1) X(BALANCE_EVEN, 0) X(BALANCE_GAIN, 1)
enum balance { BALANCES(ENUMERATOR) };

#define PORTS(X) X(PORT_SSH, 22) X(PORT_HTTP, 80) X(PORT_HTTPS, 443) X(PORT_PROXY, 8080) X(PORT_LAST, 65535)
enum port { PORTS(ENUMERATOR) };

// Several names for a value: the first is shown.
#define ALIASES(X) \
  X(ALIAS_FIRST, 1) X(ALIAS_SECOND, 2) X(ALIAS_FIRST_AGAIN, 1) X(ALIAS_THIRD, 3) X(ALIAS_SECOND_AGAIN, 2)
enum alias { ALIASES(ENUMERATOR) };

#define EXTREMES(X) \
  X(EXTREME_LEAST, -2147483647 - 1) X(EXTREME_NONE, 0) X(EXTREME_SOME, 77) X(EXTREME_MOST, 2147483647)
enum extreme { EXTREMES(ENUMERATOR) };

// Unsigned, with values that need the bit that would be the sign.
#define TOPS(X) X(TOP_NONE, 0) X(TOP_HALF, 0x80000000u) X(TOP_ALL, 0xffffffffu)
enum top { TOPS(ENUMERATOR) };

#define LEVELS(X) X(LEVEL_LOW, 0) X(LEVEL_HIGH, 1)

#define SMALLS(X) X(SMALL_ZERO, 0) X(SMALL_ONE, 1) X(SMALL_MOST, 255)
enum PACKED small { SMALLS(ENUMERATOR) };

#define SMALL_BALANCES(X) X(SMALL_DEBT, -128) X(SMALL_LOSS, -1) X(SMALL_EVEN, 0) X(SMALL_GAIN, 127)
enum PACKED small_balance { SMALL_BALANCES(ENUMERATOR) };

#define SHORTS(X) X(SHORT_ZERO, 0) X(SHORT_MOST, 65535)
enum PACKED short_enum { SHORTS(ENUMERATOR) };

#define SHORT_BALANCES(X) X(SHORT_LOSS, -300) X(SHORT_EVEN, 0) X(SHORT_GAIN, 300)
enum PACKED short_balance { SHORT_BALANCES(ENUMERATOR) };

// 8 bytes wide.
#define WIDES(X)  \
  X(WIDE_NONE, 0) \
  X(WIDE_ONE, 1) X(WIDE_LOW, 0x7fffffff) X(WIDE_HIGH, 0x123456789aULL) X(WIDE_FLAG, 1ULL << 63)
enum wide { WIDES(ENUMERATOR) };

#define WIDE_BALANCES(X) \
  X(WIDE_DEBT, -0x123456789aLL) X(WIDE_LOSS, -1) X(WIDE_EVEN, 0) X(WIDE_GAIN, 5) X(WIDE_FORTUNE, 1LL << 40)
enum wide_balance { WIDE_BALANCES(ENUMERATOR) };

// Integers.
struct integers {
  __u8 u8;
  __s8 s8;
  __u16 u16;
  __s16 s16;
  __u32 u32;
  __s32 s32;
  __u64 u64;
  __s64 s64;
};
RECORD(integers);

struct keyword_integers {
  char c;
  signed char sc;
  unsigned char uc;
  short s;
  unsigned short us;
  int i;
  unsigned int ui;
  long l;
  unsigned long ul;
  long long ll;
  unsigned long long ull;
};
RECORD(keyword_integers);

struct library_integers {
  uint8_t u8;
  int8_t s8;
  uint16_t u16;
  int16_t s16;
  uint32_t u32;
  int32_t s32;
  uint64_t u64;
  int64_t s64;
  size_t size;
  ptrdiff_t difference;
  uintptr_t address;
};
RECORD(library_integers);

struct big_integers {
  __u8 before;
  __int128 s128;
  unsigned __int128 u128;
  __u8 after;
  unsigned __int128 pair[2];
};
RECORD(big_integers);

struct PACKED packed_big_integers {
  __u8 before;
  __int128 s128;
  __u16 between;
  unsigned __int128 u128;
};
RECORD(packed_big_integers);

struct network_order {
  __be16 port;
  __be32 address;
  __be64 cookie;
  __le16 le16;
  __le32 le32;
  __le64 le64;
};
RECORD(network_order);

// Padding between members and at the end.
struct padding {
  __u8 a;
  __u64 b;
  __u16 c;
  __u32 d;
  __u8 e;
  __u16 f;
  __u8 g;
};
RECORD(padding);

struct booleans {
  bool first;
  _Bool second;
  __u8 between;
  bool flags[5];
  bool grid[2][3];
};
RECORD(booleans);

// Text.
struct texts {
  char comm[16];
  char one[1];
  char odd[7];
  char path[64];
};
RECORD(texts);

typedef char letter;
typedef letter initial;
typedef char name_text[12];
struct text_kinds {
  signed char signed_text[9];
  unsigned char unsigned_text[9];
  letter letters[9];
  initial initials[5];
  name_text name;
  const char fixed[8];
  volatile char moving[8];
  char lines[3][6];
  char blocks[2][2][4];
};
RECORD(text_kinds);

// Bytes are numbers under these names.
typedef __u8 mac_address[6];
struct byte_arrays {
  __u8 u8[4];
  __s8 s8[4];
  uint8_t library[3];
  int8_t library_signed[3];
  mac_address mac;
  __u8 table[2][3];
};
RECORD(byte_arrays);

// Enums.
struct enums {
  enum color color;
  enum balance balance;
  enum port port;
  enum alias alias;
  enum extreme extreme;
  enum top top;
  enum { LEVELS(ENUMERATOR) } level;
};
RECORD(enums);

struct small_enums {
  enum small small;
  enum small_balance small_balance;
  enum short_enum short_enum;
  enum short_balance short_balance;
  enum small smalls[3];
  enum small_balance small_balances[3];
};
RECORD(small_enums);

struct wide_enums {
  enum wide wide;
  enum wide_balance balance;
  enum wide wides[3];
  __u8 after;
};
RECORD(wide_enums);

typedef enum color color_t;
typedef const color_t fixed_color;
#define UNNAMEDS(X) X(UNNAMED_LEAST, -9) X(UNNAMED_NONE, 0) X(UNNAMED_MOST, 9)
typedef enum { UNNAMEDS(ENUMERATOR) } unnamed_t;
struct enum_types {
  unnamed_t unnamed;
  color_t color;
  fixed_color fixed;
  volatile enum balance balance;
  enum color colors[3];
  color_t palette[2][2];
};
RECORD(enum_types);

// Bitfields.
struct unsigned_bits {
  unsigned int one : 1;
  unsigned int two : 2;
  unsigned int five : 5;
  unsigned int eight : 8;
  unsigned int nine : 9;
  unsigned int seven : 7;
  unsigned int whole : 32;
  unsigned int thirty_one : 31;
  unsigned int last : 1;
};
RECORD(unsigned_bits);

struct signed_bits {
  int one : 1;
  int two : 2;
  int five : 5;
  int eight : 8;
  int nine : 9;
  int seven : 7;
  int whole : 32;
  int thirty_one : 31;
  int last : 1;
};
RECORD(signed_bits);

struct small_unit_bits {
  __u8 a : 3;
  __u8 b : 4;
  __u8 c : 5;
  __s8 d : 3;
  __u16 e : 9;
  __u16 f : 9;
  __s16 g : 15;
  signed char h : 2;
  unsigned char i : 8;
  short j : 11;
};
RECORD(small_unit_bits);

struct long_bits {
  __u64 a : 1;
  __u64 b : 33;
  __u64 c : 30;
  __s64 d : 40;
  __s64 e : 24;
  __u64 f : 63;
  __u64 g : 64;
  __s64 h : 64;
  __s64 i : 63;
  __s64 j : 1;
};
RECORD(long_bits);

// Bitfields that cross the boundary of their type's storage unit.
struct PACKED packed_bits {
  __u8 a : 3;
  __u32 b : 30;
  __s32 c : 31;
  __u64 d : 64;
  __s64 e : 63;
  __u16 f : 13;
  __u8 g : 7;
  __s64 h : 64;
  unsigned int i : 1;
};
RECORD(packed_bits);

struct PACKED packed_long_bits {
  __u64 a : 7;
  __u64 b : 60;
  __s64 c : 59;
  __u64 d : 58;
  __s64 e : 57;
  __u64 f : 15;
};
RECORD(packed_long_bits);

struct PACKED packed_bits_between {
  __u8 before;
  __u32 a : 20;
  __u32 b : 20;
  __u16 between;
  __s32 c : 17;
  __s32 d : 7;
  __u64 after;
};
RECORD(packed_bits_between);

struct mixed_bits {
  __u8 a;
  __u32 b : 5;
  __u32 c : 20;
  __u16 d;
  __u64 e : 12;
  __u8 f;
  int g : 4;
  int h : 28;
  __u8 i : 1;
};
RECORD(mixed_bits);

struct unnamed_bits {
  unsigned int a : 3;
  unsigned int : 5;
  unsigned int b : 4;
  unsigned int : 17;
  int c : 3;
  int : 29;
  int d : 6;
  __u8 : 3;
  __u8 e : 2;
};
RECORD(unnamed_bits);

struct zero_width_bits {
  unsigned int a : 3;
  unsigned int : 0;
  unsigned int b : 3;
  __u8 : 0;
  __u8 c : 3;
  __u64 : 0;
  __u8 d : 5;
  __u16 : 0;
  __s16 e : 7;
  __s16 f : 9;
};
RECORD(zero_width_bits);

struct bool_bits {
  bool a : 1;
  bool b : 1;
  unsigned int c : 6;
  bool d : 1;
  unsigned int : 7;
  bool e : 1;
  bool f;
};
RECORD(bool_bits);

struct enum_bits {
  enum color color : 2;
  enum balance balance : 3;
  enum port port : 16;
  enum alias alias : 4;
  enum extreme extreme : 32;
  enum small small : 8;
  enum small_balance small_balance : 8;
  enum color whole : 32;
};
RECORD(enum_bits);

// Too few bits for some of the names.
struct narrow_enum_bits {
  enum port port : 7;
  enum alias alias : 1;
  enum balance balance : 1;
  enum extreme extreme : 12;
};
RECORD(narrow_enum_bits);

struct wide_enum_bits {
  enum wide wide : 40;
  __u64 rest : 24;
};
RECORD(wide_enum_bits);

typedef unsigned int flag_word;
typedef flag_word flag_alias;
typedef const bool truth;
struct bit_types {
  flag_word a : 3;
  flag_alias b : 11;
  const int c : 5;
  volatile unsigned int d : 6;
  const volatile flag_alias e : 7;
  uint8_t f : 4;
  int64_t g : 37;
  color_t h : 3;
  truth i : 1;
  truth j;
};
RECORD(bit_types);

struct bits_in_union {
  union {
    unsigned int word;
    struct {
      unsigned int low : 12;
      unsigned int high : 20;
    };
    struct {
      int first : 1;
      int second : 31;
    } parts;
    unsigned int nibble : 4;
    int signed_nibble : 4;
  };
  union {
    __u64 a : 9;
    __s64 b : 50;
  } named;
};
RECORD(bits_in_union);

struct bits_in_array {
  struct {
    unsigned int a : 5;
    int b : 13;
    bool c : 1;
    unsigned int d : 13;
  } items[3];
  struct PACKED {
    __u16 x : 11;
    __s16 y : 10;
  } packed_items[3];
};
RECORD(bits_in_array);

struct PACKED packed_bits_in_array {
  __u8 before : 3;
  struct PACKED {
    __u64 a : 3;
    __s64 b : 62;
    __u32 c : 31;
  } items[3];
  struct {
    __s16 d : 9;
    struct {
      __u8 e : 3;
      __s8 f : 5;
    };
  };
  __u8 after : 5;
};
RECORD(packed_bits_in_array);

struct big_bits {
  unsigned __int128 a : 70;
  __int128 b : 58;
  __int128 c : 100;
  unsigned __int128 d : 20;
};
RECORD(big_bits);

// The TCP header, as in the kernel.
struct tcp_header {
  __be16 source;
  __be16 dest;
  __be32 seq;
  __be32 ack_seq;
  __u16 res1 : 4, doff : 4, fin : 1, syn : 1, rst : 1, psh : 1, ack : 1, urg : 1, ece : 1, cwr : 1;
  __be16 window;
  __u16 check;
  __be16 urg_ptr;
};
RECORD(tcp_header);

// Floating point.
struct reals {
  float f;
  double d;
  float fs[3];
  double ds[2][2];
  const volatile double qualified;
};
RECORD(reals);

struct PACKED packed_reals {
  char tag;
  double d;
  char gap;
  float f;
};
RECORD(packed_reals);

// Pointers.
struct nowhere;
union nowhere_union;
struct point {
  int x, y;
};
typedef int (*handler)(struct point*, ...);
struct pointers {
  void* nothing;
  const char* text;
  struct point* point;
  struct nowhere* forward;
  union nowhere_union* forward_union;
  int (*function)(int, const void*);
  handler callback;
  void** chain;
  int (*row)[4];
  struct pointers* self;
  const void* const restrict fixed;
  void* table[3];
  handler handlers[2];
};
RECORD(pointers);

struct PACKED packed_pointers {
  __u8 a;
  void* b;
  __u16 c;
  handler d;
};
RECORD(packed_pointers);

typedef int TYPE_TAG("plain") tagged_int;
struct type_tags {
  int TYPE_TAG("user") * user;
  struct point TYPE_TAG("rcu") * rcu;
  void TYPE_TAG("percpu") TYPE_TAG("user") * several;
  char TYPE_TAG("user") * const* names;
  __u32 after;
};
RECORD(type_tags);

struct decl_tags {
  __u16 plain DECL_TAG("first");
  struct point* DECL_TAG("trusted") pointer;
  __s32 both DECL_TAG("second") DECL_TAG("third");
  char text[6] DECL_TAG("name");
} DECL_TAG("whole");
RECORD(decl_tags);

// Nesting.
struct nested {
  __u16 before;
  struct point point;
  struct {
    __u8 kind;
    struct {
      __u64 id;
      struct {
        __u8 deepest;
        __u32 weight;
      } inner;
    } middle;
  } outer;
  __u8 after;
};
RECORD(nested);

struct anonymous {
  __u8 a;
  struct {
    __u16 b;
    struct {
      __u32 c;
      struct {
        __u64 d;
        __u8 e;
      };
    };
    __u8 f;
  };
  struct {
    __u32 g;
  };
  __u8 h;
};
RECORD(anonymous);

struct unions {
  __u8 kind;
  union {
    __u32 v4;
    __u8 v6[16];
    struct {
      __u16 high, low;
    } halves;
  } address;
  union {
    __u64 number;
    __s32 smaller;
    char letters[8];
    float real;
    enum color color;
    void* pointer;
    bool flag;
  } value;
};
RECORD(unions);

struct anonymous_unions {
  __u32 kind;
  union {
    __u64 whole;
    struct {
      __u32 low;
      __u32 high;
    };
    struct {
      __u8 first;
      union {
        __u8 second;
        __s8 signed_second;
        struct {
          __u16 odd;
        };
      };
    };
  };
  union {
    struct point point;
    __s32 pair[2];
  };
};
RECORD(anonymous_unions);

union small_union {
  __u8 byte;
  __u16 half;
};
struct union_arrays {
  union small_union items[3];
  union {
    __u32 a;
    struct {
      __u8 b, c;
    };
  } others[2];
};
RECORD(union_arrays);

typedef struct {
  __u32 tid;
  __u32 tgid;
} task_id;
typedef struct {
  task_id id;
  char comm[8];
} task_info;
typedef task_info task_alias;
struct typedef_structs {
  task_id id;
  task_alias info;
  const task_info fixed;
  volatile task_id ids[2];
};
RECORD(typedef_structs);

// Arrays.
struct arrays {
  __u8 before;
  __u32 numbers[4];
  __s16 one[1];
  __u64 longs[2];
  __s8 after;
};
RECORD(arrays);

typedef __u32 row[3];
typedef row matrix[2];
struct dimensions {
  int plane[2][3];
  __u16 cube[2][3][2];
  __s8 deep[2][1][2][2];
  matrix matrix;
  row rows[2];
  const row fixed;
};
RECORD(dimensions);

struct entry {
  __u8 key;
  __u32 value;
  char name[5];
};
struct struct_arrays {
  struct entry entries[3];
  struct point grid[2][2];
  struct {
    __u16 id;
    struct point corners[2];
    __u8 flags[3];
  } shapes[2];
};
RECORD(struct_arrays);

struct PACKED packed_entry {
  __u8 key;
  __u32 value;
  __u16 flags[2];
};
struct packed_entry_array {
  __u8 before;
  struct packed_entry entries[3];
  __u64 after;
};
RECORD(packed_entry_array);

// Arrays without a length take the rest of the record.
struct flexible_numbers {
  __u32 count;
  __u16 values[];
};
RECORD(flexible_numbers);

struct flexible_text {
  __u32 size;
  char text[];
};
RECORD(flexible_text);

struct flexible_structs {
  __u64 count;
  struct entry entries[];
};
RECORD(flexible_structs);

// The array begins within the struct's size.
struct flexible_in_padding {
  __u64 a;
  __u8 b;
  __u8 bytes[];
};
RECORD(flexible_in_padding);

struct flexible_rows {
  __u8 count;
  __s32 rows[][2];
};
RECORD(flexible_rows);

struct flexible_lines {
  __u8 count;
  char lines[][4];
};
RECORD(flexible_lines);

struct flexible_big {
  __u64 count;
  unsigned __int128 values[];
};
RECORD(flexible_big);

struct flexible_pointers {
  __u64 count;
  void* stack[];
};
RECORD(flexible_pointers);

struct zero_length_tail {
  __u32 count;
  __u32 values[0];
};
RECORD(zero_length_tail);

// As in the kernel's DECLARE_FLEX_ARRAY().
struct flexible_arms {
  __u32 kind;
  union {
    struct {
      struct {
      } no_words;
      __u32 words[];
    };
    struct {
      struct {
      } no_halves;
      __u16 halves[];
    };
  };
};
RECORD(flexible_arms);

// A zero-length array that is not at the end marks an offset and has no elements.
struct zero_length_marks {
  __u32 before;
  __u8 mark[0];
  __u16 first;
  __u64 middle_mark[0];
  char text_mark[0];
  __u64 last;
};
RECORD(zero_length_marks);

struct marked {
  __u16 id;
  __u16 end[0];
};
struct zero_length_in_nested {
  struct marked marked;
  __u32 after;
  struct marked several[2];
};
RECORD(zero_length_in_nested);

// Qualifiers and aliases.
typedef int number_1;
typedef number_1 number_2;
typedef const number_2 number_3;
typedef volatile number_3 number_4;
typedef number_4 number_5;
struct aliases {
  number_1 a;
  number_2 b;
  number_3 c;
  number_4 d;
  number_5 e;
  const volatile __u16 f;
  const __u64 g;
  volatile __s8 h;
  const number_2 i[2];
  char* restrict j;
};
RECORD(aliases);

// Packing and alignment.
struct PACKED packed {
  __u8 a;
  __u16 b;
  __u8 c;
  __u32 d;
  __u8 e;
  __s64 f;
  bool g;
  enum color h;
  struct point i;
  __u16 j[2];
};
RECORD(packed);

struct partly_packed {
  __u8 a;
  __u64 b PACKED;
  __u8 c;
  __u32 d PACKED;
  __u16 e;
};
RECORD(partly_packed);

struct PACKED ALIGNED(4) packed_aligned {
  __u8 a;
  __u32 b;
  __u8 c;
};
RECORD(packed_aligned);

struct aligned_members {
  __u8 a;
  __u8 b ALIGNED(8);
  __u16 c ALIGNED(16);
  __u8 d ALIGNED(2);
  char e[3] ALIGNED(4);
  __u32 f ALIGNED(32);
};
RECORD(aligned_members);

typedef __u8 ALIGNED(8) aligned_byte;
typedef __u64 ALIGNED(2) loose_long;
struct ALIGNED(64) aligned_struct {
  aligned_byte a;
  __u8 b;
  loose_long c;
  struct {
    __u8 x;
  } ALIGNED(16) d;
  aligned_byte e;
};
RECORD(aligned_struct);

struct PACKED packed_nested {
  __u8 a;
  struct {
    __u8 b;
    __u32 c;
  } plain;
  struct PACKED {
    __u8 d;
    __u32 e;
  } tight;
  struct {
    __u16 f;
    __u32 g;
  };
  __u16 h;
};
RECORD(packed_nested);

// Empty structs.
struct nothing {};
RECORD(nothing);

struct empty_members {
  __u8 a;
  struct nothing b;
  __u32 c;
  struct {
  } d;
  __u8 e;
  struct nothing f;
};
RECORD(empty_members);

// A typical record of a probe, with everything combined.
struct everything {
  __u64 timestamp;
  __u32 pid, tgid;
  char comm[16];
  enum balance balance : 4;
  unsigned int flags : 9;
  bool failed : 1;
  __s64 latency;
  union {
    struct {
      __u32 saddr, daddr;
    };
    __u8 address[16];
  };
  struct {
    __u16 port;
    enum color color;
    double ratio;
  } peers[2];
  unsigned __int128 cookie;
  void* stack[4];
  __u16 length;
  char path[];
};
RECORD(everything);

#endif
