#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>

#if !defined(__AVX2__) || !defined(__FMA__)
#error "models/ needs AVX2 and FMA: build for this machine's CPU or with -DCATWALK_PORTABLE=ON (x86-64-v3)"
#endif

/// Vectors of the CPU under readable names. Multiply-adds are fused explicitly and not at the compiler's will, so every
/// build gives the same bits.
namespace catwalk::models {

using Float8 = __m256;
using Double4 = __m256d;
using Byte32 = __m256i;   // whole numbers of 8 bits
using Short16 = __m256i;  // whole numbers of 16 bits
using Int8 = __m256i;     // whole numbers of 32 bits

inline Float8 Load(const float* from) { return _mm256_loadu_ps(from); }
inline Double4 Load(const double* from) { return _mm256_loadu_pd(from); }
/// Four floats as doubles.
inline Double4 LoadWide(const float* from) { return _mm256_cvtps_pd(_mm_loadu_ps(from)); }
inline Double4 LoadWide(const double* from) { return Load(from); }
/// Four doubles rounded to floats.
inline void StoreNarrow(float* to, Double4 x) { _mm_storeu_ps(to, _mm256_cvtpd_ps(x)); }
inline void Store(float* to, Float8 x) { _mm256_storeu_ps(to, x); }
inline void Store(double* to, Double4 x) { _mm256_storeu_pd(to, x); }
inline Float8 Broadcast(float x) { return _mm256_set1_ps(x); }
inline Double4 Broadcast(double x) { return _mm256_set1_pd(x); }
inline Float8 Subtract(Float8 a, Float8 b) { return _mm256_sub_ps(a, b); }
inline Float8 Larger(Float8 a, Float8 b) { return _mm256_max_ps(a, b); }
inline Float8 Smaller(Float8 a, Float8 b) { return _mm256_min_ps(a, b); }
inline Float8 Multiply(Float8 a, Float8 b) { return _mm256_mul_ps(a, b); }
inline Float8 Divide(Float8 a, Float8 b) { return _mm256_div_ps(a, b); }
inline Float8 SquareRoot(Float8 x) { return _mm256_sqrt_ps(x); }
inline Double4 Multiply(Double4 a, Double4 b) { return _mm256_mul_pd(a, b); }

inline Byte32 Load(const int8_t* from) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)); }
inline Short16 Load(const int16_t* from) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)); }
inline void Store(int16_t* to, Short16 x) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), x); }
inline Byte32 BroadcastInt(int32_t x) { return _mm256_set1_epi32(x); }
inline Short16 BroadcastShort(int16_t x) { return _mm256_set1_epi16(x); }
/// a0 b0 + a1 b1, a2 b2 + a3 b3 and so on: sixteen sums, which must fit. The numbers of `a` have no sign.
inline Short16 MultiplyBytePairs(Byte32 a, Byte32 b) { return _mm256_maddubs_epi16(a, b); }
/// Sums of numbers of 16 bits, which wrap around.
inline Short16 Add16(Short16 a, Short16 b) { return _mm256_add_epi16(a, b); }
inline Short16 Larger(Short16 a, Short16 b) { return _mm256_max_epi16(a, b); }
/// A bit per lane of a, then of b: larger than c.
inline uint32_t LargerBits(Short16 a, Short16 b, Short16 c) {
  const Byte32 bytes = _mm256_packs_epi16(_mm256_cmpgt_epi16(a, c), _mm256_cmpgt_epi16(b, c));  // a, b of each half
  return static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_permute4x64_epi64(bytes, 0b11'01'10'00)));
}

/// Four vectors as the rows of a matrix become its columns.
inline void Transpose(Double4 (&rows)[4]) {
  const Double4 low01 = _mm256_unpacklo_pd(rows[0], rows[1]), high01 = _mm256_unpackhi_pd(rows[0], rows[1]);
  const Double4 low23 = _mm256_unpacklo_pd(rows[2], rows[3]), high23 = _mm256_unpackhi_pd(rows[2], rows[3]);
  rows[0] = _mm256_permute2f128_pd(low01, low23, 0x20);
  rows[1] = _mm256_permute2f128_pd(high01, high23, 0x20);
  rows[2] = _mm256_permute2f128_pd(low01, low23, 0x31);
  rows[3] = _mm256_permute2f128_pd(high01, high23, 0x31);
}

/// A bit per lane: a at least b.
inline uint32_t ReachingBits(Float8 a, Float8 b) { return static_cast<uint32_t>(_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_GE_OQ))); }

inline Int8 NoInts() { return _mm256_setzero_si256(); }
/// One more in each lane in which a is at least b.
inline Int8 AddReaching(Float8 a, Float8 b, Int8 so_far) {
  return _mm256_sub_epi32(so_far, _mm256_castps_si256(_mm256_cmp_ps(a, b, _CMP_GE_OQ)));
}
inline int32_t Sum(Int8 x) {
  const __m128i four = _mm_add_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
  const __m128i two = _mm_add_epi32(four, _mm_unpackhi_epi64(four, four));
  return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 1)));
}

/// Brings the cache line of an address nearer. No effect but on time.
inline void Prefetch(const void* address) { _mm_prefetch(static_cast<const char*>(address), _MM_HINT_T0); }

/// The same for all of `count` floats, or of an object.
inline void Prefetch(const float* from, int count) {
  constexpr int kPerLine = 16;
  for (int i = 0; i < count; i += kPerLine) Prefetch(from + i);
}
template <class Object>
  requires(!std::is_pointer_v<Object>)
void Prefetch(const Object& object) {
  constexpr size_t kLine = 64;
  for (size_t at = 0; at < sizeof(Object); at += kLine) Prefetch(static_cast<const void*>(reinterpret_cast<const char*>(&object) + at));
}

/// Keeps a loaded vector in its register: left alone, the compiler loads it again for each use, and loads are what is scarce.
inline void KeepInRegister(Double4& x) { asm("" : "+x"(x)); }

/// a b + c, rounded once.
inline Float8 MultiplyAdd(Float8 a, Float8 b, Float8 c) { return _mm256_fmadd_ps(a, b, c); }
inline Double4 MultiplyAdd(Double4 a, Double4 b, Double4 c) { return _mm256_fmadd_pd(a, b, c); }
/// c - a b, rounded once.
inline Float8 MultiplySubtract(Float8 a, Float8 b, Float8 c) { return _mm256_fnmadd_ps(a, b, c); }
inline Double4 MultiplySubtract(Double4 a, Double4 b, Double4 c) { return _mm256_fnmadd_pd(a, b, c); }

/// ((x0 + x4) + (x2 + x6)) + ((x1 + x5) + (x3 + x7)).
inline float Sum(Float8 x) {
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
/// (x0 + x2) + (x1 + x3).
inline double Sum(Double4 x) {
  const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(x), _mm256_extractf128_pd(x, 1));
  return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

}  // namespace catwalk::models
