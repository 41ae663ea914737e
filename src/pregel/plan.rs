//! Which way messages travel in a superstep, and why.
//!
//! The choice is the same for all partitions and follows from the graph, from what the vertices did
//! and from the memory budget. It changes no bit of a result. The forms of the edges that [`Path::Push`] and [`Path::Pull`] read
//! are made when walking all edges for want of them has cost as much.

use std::fmt;

use super::blocks::Forms;

/// The way messages along edges reach their targets in a superstep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Path {
    /// Every partition walks all edges that enter it.
    Dense,
    /// Every partition looks up the edges of the vertices that sent.
    Push,
    /// Every vertex that accepts messages looks for them at the sources of its edges: for as many as
    /// it needs, or for all.
    Pull,
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dense => "dense",
            Self::Push => "push",
            Self::Pull => "pull",
        })
    }
}

/// A path, and the reason for it in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) path: Path,
    pub(super) reason: &'static str,
}

/// Pushing pays while at most one edge in so many carries a message (Shun, Blelloch, *Ligra*,
/// PPoPP 2013, section 4; shares from 1/10 to 1/40 cannot be told apart).
const PUSH_SHARE: u64 = 20;
/// Pulling pays once messages are more than this part of the edges into vertices that accept them
/// (Beamer et al., SC 2012, section V: alpha).
const PULL_SHARE: u64 = 15;
/// Making another form of the edges costs about as much as walking all of them so often, while many
/// vertices send; where few do, much of it is not going to be read in this run, and it is made later.
const FORM_COST: [u64; 2] = [2, 4];
/// The same where everybody sends and messages merge late: they are counted and then put side by side,
/// which are two walks, and looking them up saves only a part of that.
const LATE_FORM_COST: u64 = 6;
/// Where few send, walking costs about this part of it: most vertices receive nothing.
const NARROW_WALK: u64 = 4;

/// What a run knows when it chooses.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// Edges that messages can travel, in all directions of the program.
    edges: u64,
    /// Edges into vertices that accept messages.
    open_edges: u64,
    settles: bool,
    merges_late: bool,
    /// Other forms of the edges than the grid fit the memory budget.
    forms_fit: bool,
    /// A path that is taken whatever it costs, for comparisons.
    forced: Option<Path>,
    /// The forms of the edges that are there, or are going to be anyway.
    forms: Forms,
    /// Edges that were walked in vain for want of another form, and for messages that merge late.
    walked: [u64; 2],
}

impl Plan {
    pub(super) fn new(edges: u64, settles: bool, forced: Option<Path>) -> Self {
        Self {
            edges,
            open_edges: edges,
            settles,
            merges_late: false,
            forms_fit: true,
            forced,
            forms: Forms::default(),
            walked: [0; 2],
        }
    }

    /// Says that vertices merge their messages when they compute, and can look for them then.
    pub(super) fn merges_late(mut self) -> Self {
        self.merges_late = true;
        self
    }

    /// Says that other forms of the edges than the grid do not fit the memory budget: reading them
    /// back from disk in each superstep would cost more than walking all edges.
    pub(super) fn without_forms(mut self) -> Self {
        self.forms_fit = false;
        self
    }

    /// Says which forms of the edges are there.
    pub(super) fn has(&mut self, forms: Forms) {
        self.forms = forms;
    }

    /// Says how many edges messages can travel from now on, and the forms in which they are there.
    pub(super) fn travels(&mut self, edges: u64, forms: Forms) {
        if edges != self.edges {
            (self.edges, self.open_edges) = (edges, edges);
        }
        self.forms = forms;
    }

    /// Notes that so many edges were walked by runs before, in vain and for late messages.
    pub(super) fn walked_before(&mut self, edges: [u64; 2]) {
        self.walked = edges;
    }

    /// Edges that were walked by this run and those before, in vain and for late messages.
    pub(super) fn walked(&self) -> [u64; 2] {
        self.walked
    }

    /// Notes that vertices with so many edges accept no more messages.
    pub(super) fn settle(&mut self, edges: u64) {
        self.open_edges = self.open_edges.saturating_sub(edges);
    }

    /// Notes that every vertex accepts messages again.
    pub(super) fn unsettle(&mut self) {
        self.open_edges = self.edges;
    }

    /// Chooses the way of `messages` along edges, which vertices just sent.
    pub(super) fn choose(&mut self, messages: u64) -> Choice {
        let choice = |path, reason| Choice { path, reason };
        if let Some(path) = self.forced {
            let pulls = self.settles || self.merges_late && messages >= self.edges;
            let path = if path == Path::Pull && !pulls { Path::Dense } else { path };
            return choice(path, "as the run was told");
        }
        if messages >= self.edges && !(self.merges_late && self.forms_fit) {
            return choice(Path::Dense, "every vertex sent");
        }
        let [in_vain, late] = self.walked;
        if messages >= self.edges {
            if !self.forms.by_target && late < LATE_FORM_COST * self.edges {
                self.walked[1] += 2 * self.edges;
                return choice(
                    Path::Dense,
                    "every vertex sent, and edges are not sorted by target yet",
                );
            }
            self.forms.by_target = true;
            return choice(Path::Pull, "every vertex sent, and merges late");
        }
        if !self.forms_fit {
            return choice(Path::Dense, "sorted edges would not fit the memory budget");
        }
        let (path, reason) = if self.settles && messages > self.open_edges / PULL_SHARE {
            (Path::Pull, "many sent, and few edges lead to vertices that still accept")
        } else if self.settles {
            (Path::Push, "few sent")
        } else {
            (Path::Push, "not every vertex sent, and edges are sorted by source")
        };
        let pulls = path == Path::Pull;
        if if pulls { self.forms.by_target } else { self.forms.by_source } {
            return choice(path, reason);
        }
        if !self.settles && messages > self.edges / PUSH_SHARE {
            return choice(Path::Dense, "many sent");
        }
        // The classic rent-or-buy rule: never more than twice the cost of having known.
        let narrow = messages <= self.edges / PUSH_SHARE;
        if in_vain < FORM_COST[usize::from(narrow)] * self.edges {
            self.walked[0] += if narrow { self.edges.div_ceil(NARROW_WALK) } else { self.edges };
            return choice(
                Path::Dense,
                match path {
                    Path::Pull => "many sent, and edges are not sorted by target yet",
                    _ => "few sent, but edges are not sorted by source yet",
                },
            );
        }
        self.forms.by_source |= !pulls;
        self.forms.by_target |= pulls;
        choice(path, reason)
    }

    /// Looks at what the vertices sent in superstep 0: a program that starts from few vertices goes
    /// on in sparse supersteps, so sorting the edges pays from the beginning. One whose vertices settle
    /// is done too soon for that.
    pub(super) fn starts_with(&mut self, messages: u64) {
        if !self.settles && messages <= self.edges / PUSH_SHARE {
            self.forms.by_source = true;
        }
    }

    /// Tells that the edges are going to be there by source anyway.
    pub(super) fn has_by_source(&mut self) {
        self.forms.by_source = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_messages_are_looked_up_once_walking_has_cost_as_much_as_sorting() {
        let mut plan = Plan::new(1_000, false, None).merges_late();
        let paths: Vec<_> = (0..5).map(|_| plan.choose(1_000).path).collect();
        assert_eq!(paths, [Path::Dense, Path::Dense, Path::Dense, Path::Pull, Path::Pull]);
        // None of that was in vain: a sparse superstep walks as before.
        assert_eq!(plan.choose(51).path, Path::Dense);
        let mut later = Plan::new(1_000, false, None).merges_late();
        later.walked_before(plan.walked());
        assert_eq!(later.choose(1_000).path, Path::Pull);
        let mut plan = Plan::new(1_000, false, None).merges_late().without_forms();
        assert!((0..9).all(|_| plan.choose(1_000).path == Path::Dense));
    }

    #[test]
    fn a_sparse_superstep_walks_all_edges_only_until_sorting_them_would_have_paid() {
        let mut plan = Plan::new(1_000, false, None);
        assert_eq!(plan.choose(1_000).path, Path::Dense);
        assert_eq!(plan.choose(51).path, Path::Dense);
        let paths: Vec<_> = (0..18).map(|_| plan.choose(50).path).collect();
        assert_eq!(paths[..16], [Path::Dense; 16]);
        assert_eq!(paths[16..], [Path::Push; 2]);
        assert_eq!(plan.choose(999).path, Path::Push);
        assert_eq!(plan.choose(1_000).path, Path::Dense);
    }

    #[test]
    fn a_traversal_pulls_while_the_frontier_is_wide() {
        let mut plan = Plan::new(1_500, true, None);
        assert_eq!(plan.choose(100).path, Path::Dense);
        plan.has(Forms { by_source: true, by_target: false });
        assert_eq!([100, 101].map(|m| plan.choose(m).path), [Path::Push, Path::Dense]);
        plan.has(Forms { by_source: true, by_target: true });
        assert_eq!(plan.choose(100).path, Path::Push);
        assert_eq!(plan.choose(101).path, Path::Pull);
        plan.settle(1_350);
        assert_eq!(plan.choose(11).path, Path::Pull);
        assert_eq!(plan.choose(10).path, Path::Push);
    }

    #[test]
    fn what_does_not_fit_the_memory_is_not_made() {
        let mut plan = Plan::new(1_500, true, None).without_forms();
        assert!([1, 101, 1_500].iter().all(|messages| plan.choose(*messages).path == Path::Dense));
    }

    #[test]
    fn a_forced_path_is_taken_where_the_program_allows_it() {
        assert_eq!(Plan::new(9, false, Some(Path::Pull)).choose(1).path, Path::Dense);
        assert_eq!(Plan::new(9, true, Some(Path::Pull)).choose(1).path, Path::Pull);
        assert_eq!(Plan::new(9, true, Some(Path::Push)).choose(9).path, Path::Push);
    }
}
