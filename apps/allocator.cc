// What jemalloc is told before main. State is spread over hundreds of megabytes and looked up at random: with huge pages the
// addresses that the CPU has at hand cover it. Where the system does not offer any it changes nothing. What is given back is to be used
// again and not to go to the system, which would clear it anew: few arenas, of which none keeps to itself what another one has to
// ask for, and no other way for large pieces.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "thp:always,metadata_thp:auto,background_thread:true,dirty_decay_ms:5000,muzzy_decay_ms:0,"
                          "narenas_ratio:1,oversize_threshold:0";
}
