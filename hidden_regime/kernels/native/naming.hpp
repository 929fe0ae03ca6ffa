// Which states are one regime, what each is called, and which regime a bar is in. The specification is regimes/identity.py,
// regimes/naming.py and detection/advance.py; each sum here is taken in the order that it has there.
#pragma once

#include "slate.hpp"

namespace follow {

// States from worst to best by moments of their returns: naming.order_states.
void rank(const Rules& r, const double* mean, const double* sd, const double* weight, int64_t* order);

// A bit for each pair of states that is one regime: identity.states_alike. `covars` are covariances, (K, D, D).
int64_t alike(const Rules& r, const double* means, const double* covars, const double* weight);

// Place of each state's name: naming.name_all, and naming.name_groups where some pairs are alike.
void call(const Rules& r, const double* mean, const double* sd, const double* weight, int64_t pairs, double* names);

// The regime after a bar whose filtered probabilities the slate holds: advance._state.
void tell(const Rules& r, Slate& s, double log_likelihood, bool trained, Told& out);

}  // namespace follow
