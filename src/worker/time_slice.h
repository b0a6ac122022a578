// How long this process computes before others get the processor.
#pragma once

namespace tenfold {

/// Lets threads that wake up interrupt this one and those it makes later, at once instead of at the
/// end of their time slice. For threads that compute, or spin, all the time: whoever carries the
/// tokens away would wait for several milliseconds otherwise. Does nothing where the kernel cannot
/// (Linux can since 6.12).
void give_way_to_wakers();

}  // namespace tenfold
