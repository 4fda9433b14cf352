package main

var interruptions = []fault{}
