//! Which steps may run side by side: containers before what they contain, or the other way round.

use crate::plan::Step;
use crate::{Order, Role};

/// Steps by level: containers before what they contain, or the other way round. Steps whose containers form a circle
/// have no level and come apart.
pub(crate) fn levels(order: Order, steps: Vec<Step>, entries: usize) -> (Vec<Vec<Step>>, Vec<Step>) {
    if order == Order::Any {
        return (vec![steps], Vec::new());
    }
    let depths = depths(&steps, entries);
    let (mut levels, mut circular) = (Vec::<Vec<Step>>::new(), Vec::new());
    for step in steps {
        match depths[step.entry] {
            None => circular.push(step),
            Some(depth) => {
                levels.resize_with(levels.len().max(depth + 1), Vec::new);
                levels[depth].push(step);
            }
        }
    }
    if order == Order::ChildrenFirst {
        levels.reverse();
    }
    (levels, circular)
}

/// How many containers that are steps too each entry lies in; nothing for those in or below a circle.
fn depths(steps: &[Step], entries: usize) -> Vec<Option<usize>> {
    let mut container: Vec<Option<usize>> = vec![None; entries];
    let mut depth: Vec<Option<usize>> = vec![None; entries];
    let mut is_step = vec![false; entries];
    for step in steps {
        is_step[step.entry] = true;
    }
    for step in steps {
        let need = step.needs.iter().find(|need| need.role == Role::Container && is_step[need.entry]);
        container[step.entry] = need.map(|need| need.entry);
    }
    for step in steps {
        // Up to the first entry whose depth is known, then down again. A way longer than all steps goes round.
        let (mut way, mut at) = (Vec::new(), Some(step.entry));
        while let Some(entry) = at.filter(|entry| depth[*entry].is_none() && way.len() <= steps.len()) {
            way.push(entry);
            at = container[entry];
        }
        if way.len() > steps.len() {
            continue;
        }
        let first = at.and_then(|entry| depth[entry]).map_or(0, |depth| depth + 1);
        for (entry, level) in way.into_iter().rev().zip(first..) {
            depth[entry] = Some(level);
        }
    }
    depth
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Need;
    use crate::{Action, Work};

    fn step(entry: usize, container: Option<usize>) -> Step {
        let needs = container.map(|entry| Need { entry, role: Role::Container, owned: false });
        Step {
            entry,
            action: Action::Create,
            work: Work::Upsert,
            needs: needs.into_iter().collect(),
            leaves: Vec::new(),
            taken_out: 0,
            repeats: true,
        }
    }

    fn entries(levels: &[Vec<Step>]) -> Vec<Vec<usize>> {
        levels.iter().map(|level| level.iter().map(|step| step.entry).collect()).collect()
    }

    #[test]
    fn containers_come_first_and_circles_apart() {
        // 3 lies in 1, 1 in 0, 0 in 9 which is no step; 4 and 5 lie in each other, 6 in 4.
        let steps = || {
            vec![
                step(3, Some(1)),
                step(1, Some(0)),
                step(0, Some(9)),
                step(2, Some(0)),
                step(4, Some(5)),
                step(5, Some(4)),
                step(6, Some(4)),
            ]
        };
        let (up, circular) = levels(Order::ParentsFirst, steps(), 10);
        assert_eq!(entries(&up), [vec![0], vec![1, 2], vec![3]]);
        assert_eq!(circular.iter().map(|step| step.entry).collect::<Vec<_>>(), [4, 5, 6]);
        let (down, _) = levels(Order::ChildrenFirst, steps(), 10);
        assert_eq!(entries(&down), [vec![3], vec![1, 2], vec![0]]);
    }

    #[test]
    fn a_long_chain_takes_one_walk() {
        let steps: Vec<Step> = (0..50_000).map(|n| step(n, (n + 1 < 50_000).then_some(n + 1))).collect();
        let (levels, circular) = levels(Order::ParentsFirst, steps, 50_000);
        assert_eq!((levels.len(), circular.len()), (50_000, 0));
    }
}
