// What jemalloc is told before main. State is spread over hundreds of megabytes and looked up at random: with huge pages the
// addresses that the CPU has at hand cover it. Where the system does not offer any it changes nothing.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "thp:always,metadata_thp:auto,background_thread:true,dirty_decay_ms:5000,muzzy_decay_ms:0";
}
